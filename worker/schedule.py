"""What this installation's scheduler does, put together from the settings."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy.engine import Engine

from shared.clock import Clock, SystemClock
from shared.database import make_engine
from shared.logs import get_logger
from shared.queue import Waker
from shared.settings import Settings
from worker.gateways.budget import share_of
from worker.gateways.stripe import StripeGateway
from worker.jobs import worker_name
from worker.scheduler import Scheduler, Task
from worker.sweep.rounds import Round

log = get_logger("scheduler")

EVENTS_SECONDS = 300  # how long a sale whose events were lost waits


def make_scheduler(settings: Settings, clock: Clock | None = None) -> Scheduler:
    """With all tasks; its engine serves the long ones too."""
    engine = make_engine(settings.database_url)
    waker = Waker(settings.redis_url)
    stopping = threading.Event()
    clock = clock or SystemClock()
    return Scheduler(
        engine,
        waker,
        clock,
        name=worker_name(),
        more=Long(settings, engine, waker, clock, stopping).tasks(),
        stopping=stopping,
    )


@dataclass(frozen=True, slots=True)
class Long:
    """The tasks that ask Stripe, and may take their time."""

    settings: Settings
    engine: Engine
    waker: Waker
    clock: Clock
    stopping: threading.Event

    def tasks(self) -> Sequence[Task]:
        """None without a Stripe key: there is nobody to ask."""
        if not self.settings.stripe_secret_key:
            log.warning("sweep.skipped", reason="STRIPE_SECRET_KEY is not set for the scheduler")
            return ()
        return (Task("sweep-events", EVENTS_SECONDS, self.sweep_events, long=True),)

    def sweep_events(self) -> None:
        """Fetch the events that never arrived, and wake a worker for what they made due."""
        share = share_of(self.settings, background=True)
        key, base = self.settings.stripe_secret_key, self.settings.stripe_api_base
        with closing(StripeGateway(key, base, share)) as stripe:
            events = Round(
                self.settings,
                self.engine,
                lambda _: stripe.lists,
                self.clock,
                self.stopping.is_set,
            )
            raised = sum(look.found.raised for look in events.look() if look.found is not None)
        if raised:
            self.waker.wake()
