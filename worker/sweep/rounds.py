"""One round over the events of every account that is served. One that fails stops no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Engine

from shared.accounts import ServedAccount, served_accounts
from shared.clock import Clock
from shared.database import reading
from shared.logs import get_logger
from shared.moments import stamp
from shared.settings import Settings
from worker.errors import PermanentError, TemporaryError
from worker.gateways.stripe_lists import StripeLists
from worker.sweep.events import EventLook, EventSweep

log = get_logger("sweep")


@dataclass(frozen=True, slots=True)
class AccountLook:
    """How the look at one account ended: what it found, or why it could not look."""

    account: ServedAccount
    found: EventLook | None
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        named = {"account": self.account.account or None, "livemode": self.account.livemode}
        if self.found is None:
            return {**named, "error": self.error}
        lost = self.found.lost_since
        return {
            **named,
            "events": self.found.looked_at,
            "never_delivered": self.found.never_delivered,
            "sales_raised": self.found.raised,
            "swept_from": stamp(self.found.since),
            "swept_until": stamp(self.found.until),
            "lost_since": None if lost is None else stamp(lost),
        }


@dataclass(frozen=True, slots=True)
class Round:
    """What a round works with. `lists_of` gives the client that may ask for an account."""

    settings: Settings
    engine: Engine
    lists_of: Callable[[ServedAccount], StripeLists]
    clock: Clock
    stopping: Callable[[], bool] = lambda: False

    def accounts(self) -> list[ServedAccount]:
        with reading(self.engine) as tx:
            return served_accounts(tx, self.settings)

    def look(self) -> Iterator[AccountLook]:
        """Account by account. Raises what the database raises."""
        for account in self.accounts():
            if self.stopping():
                return
            yield self._look_at(account)

    def _look_at(self, account: ServedAccount) -> AccountLook:
        try:
            lists = self.lists_of(account)
            sweep = EventSweep(account, self.engine, lists, self.clock)
            return AccountLook(account, sweep.look(self.stopping))
        except (TemporaryError, PermanentError) as error:
            log.warning("sweep.failed", account=account.account or "own", error=str(error))
            return AccountLook(account, None, str(error))
