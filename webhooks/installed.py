"""Deliveries of accounts that have our app installed. They come and go while the receiver runs, so
what the settings alone refuse is judged once more, by the database, just before it is written.

No delivery of our own account costs anything here; one look serves a whole batch of others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.engine import Engine

from shared.accounts import ServedAccount, close_account
from shared.database import reading, transaction
from shared.events.parsing import Served, read_delivery
from shared.events.routing import UNINSTALLED
from shared.inbox import Delivery
from shared.logs import get_logger

log = get_logger("accounts")


class Installed:
    """Knows who has our app installed, and closes an account that uninstalled it."""

    def __init__(self, engine: Engine, served: Served) -> None:
        self._engine = engine
        self._served = served

    def judged(self, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        """The same, in the same order. Raises what the database raises."""
        if not any(_needs_a_look(one) for one in deliveries):
            return deliveries
        with reading(self._engine) as connection:
            served = self._served.as_of_now(connection)
        judged = [self._judge(one, served) for one in deliveries]
        for one in judged:
            if one.type == UNINSTALLED:
                self._close(one)
        return judged

    def _judge(self, one: Delivery, served: Served) -> Delivery:
        if ServedAccount(one.account, one.livemode) not in served.installed:
            return one
        return read_delivery(one.payload, secret=one.secret, served=served, now=datetime.now(UTC))

    def _close(self, told: Delivery) -> None:
        """Before the event is written: after a crash between, Stripe delivers it again."""
        which = ServedAccount(told.account, told.livemode)
        reason = f"our app was uninstalled there, as {told.event_id} told"
        with transaction(self._engine) as tx:
            closed = close_account(
                tx, which, reason, now=datetime.now(UTC), told_at=told.created_at
            )
        if closed:
            log.warning("account.closed", account=str(which), event_id=told.event_id)


def _needs_a_look(one: Delivery) -> bool:
    return bool(one.account) and (one.state == "refused" or one.type == UNINSTALLED)
