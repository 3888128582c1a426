"""The scheduler's tasks that look at the invariants, put together from the settings."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy.engine import Engine

from shared.accounts import ServedAccount
from shared.clock import Clock
from shared.logs import get_logger
from shared.settings import Settings
from worker.gateways.licensekit import LicenseKitGateway
from worker.invariants.kept import run_look
from worker.invariants.looks import LOOKS
from worker.invariants.values import LicenseKitOf, Look, Scene
from worker.jobs import make_deps
from worker.scheduler import Task
from worker.tokens import AccountClosed

log = get_logger("invariants")


@dataclass(frozen=True, slots=True)
class Looking:
    """What the tasks work with."""

    settings: Settings
    engine: Engine
    clock: Clock
    stopping: threading.Event

    def tasks(self) -> Sequence[Task]:
        """Each look has a thread and a slot of its own: a long one holds up no other."""
        if not self._may_ask:
            why = "LICENSEKIT_API_TOKEN, STRIPE_SECRET_KEY or FULFILL_ENCRYPTION_KEYS is not set"
            log.warning("look.skipped", look="licenses", reason=f"{why} for the scheduler")
        return [self._task(look) for look in LOOKS]

    def _task(self, look: Look) -> Task:
        return Task(f"look-{look.name}", look.every_seconds, lambda: self.run(look), long=True)

    def run(self, look: Look) -> None:
        """Look once. Raises what the database and LicenseKit raise."""
        with self._licensekit(look) as licensekit_of:
            scene = Scene(
                self.engine,
                licensekit_of,
                self.clock.now(),
                self.settings.inbox_max_age_seconds,
                self.stopping.is_set,
            )
            run_look(look, scene)

    @property
    def _may_ask(self) -> bool:
        """Whether there are clients: an installed account's token is sealed with our keys."""
        settings = self.settings
        needed = (settings.licensekit_api_token, settings.stripe_secret_key)
        return all(needed) and bool(settings.encryption_keys)

    @contextmanager
    def _licensekit(self, look: Look) -> Iterator[LicenseKitOf | None]:
        """LicenseKit as an account has it; None where it can't be asked, or is not needed."""
        if not (look.asks_licensekit and self._may_ask):
            yield None
            return
        with closing(make_deps(self.settings, self.engine, background=True)) as deps:

            def licensekit_of(which: ServedAccount) -> LicenseKitGateway | None:
                with suppress(AccountClosed):
                    return deps.of(which.account, which.livemode).licensekit
                return None

            yield licensekit_of
