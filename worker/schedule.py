"""What this installation's scheduler does, put together from the settings."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy.engine import Engine

from shared.accounts import ServedAccount, served_accounts
from shared.clock import Clock, SystemClock
from shared.database import make_engine, reading, transaction
from shared.logs import get_logger
from shared.queue import Waker
from shared.settings import Settings
from worker.deps import Deps
from worker.errors import PermanentError, TemporaryError
from worker.gateways.budget import share_of
from worker.gateways.stripe import StripeGateway
from worker.gateways.stripe_lists import StripeLists
from worker.jobs import make_deps, worker_name
from worker.looking import Looking
from worker.retention import PRUNE_SECONDS, prune
from worker.scheduler import Scheduler, Task
from worker.sweep.looks import Lookers
from worker.sweep.objects import Means, ObjectSweep, Stopped
from worker.sweep.requests import put_off, take_next
from worker.sweep.rounds import Round

log = get_logger("scheduler")

EVENTS_SECONDS = 300  # how long a sale whose events were lost waits
OBJECTS_SECONDS = 30  # how long a sweep that somebody asked for waits
PUT_OFF_SECONDS = 60.0  # a sweep that met a service that is away
NO_LOOKS = (
    "LICENSEKIT_API_TOKEN or FULFILL_ENCRYPTION_KEYS is not set for the scheduler, so sweeps over "
    "objects wait; events are fetched"
)
MOST_THREADS = 8  # of a sweep: passes over new sales need the machine too


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
        more=[
            *Long(settings, engine, waker, clock, stopping).tasks(),
            *Looking(settings, engine, clock, stopping).tasks(),
            prune_task(engine, settings, clock, stopping),
        ],
        stopping=stopping,
    )


def prune_task(engine: Engine, settings: Settings, clock: Clock, stopping: threading.Event) -> Task:
    """Forget what is older than the settings keep it."""

    def forget() -> None:
        prune(engine, settings.retention, now=clock.now(), stopped=stopping.is_set)

    return Task("prune", PRUNE_SECONDS, forget, long=True)


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
        events = Task("sweep-events", EVENTS_SECONDS, self.sweep_events, long=True)
        if not (self.settings.licensekit_api_token and self.settings.encryption_keys):
            log.warning("sweep.skipped", reason=NO_LOOKS)
            return (events,)
        objects = Task("sweep-objects", OBJECTS_SECONDS, self.sweep_objects, long=True)
        return (events, objects)

    def sweep_events(self) -> None:
        """Fetch the events that never arrived, and wake a worker for what they made due."""
        with open_round(self.settings, self.engine, self.clock) as events:
            looks = replace(events, stopping=self.stopping.is_set).look()
            raised = sum(look.found.raised for look in looks if look.found is not None)
        if raised:
            self.waker.wake()

    def sweep_objects(self) -> None:
        """Carry out the next sweep that somebody asked for, or that was left half done."""
        sweep = take_next(self.engine, now=self.clock.now())
        if sweep is None:
            return
        try:
            with open_means(self.settings, self.engine, self.clock, self.waker.wake) as means:
                ObjectSweep(sweep, replace(means, stopping=self.stopping)).run()
        except Stopped:
            with transaction(self.engine) as tx:
                put_off(tx, sweep, "the scheduler was stopped", until=self.clock.now())
        except (TemporaryError, PermanentError) as error:
            log.warning("sweep.put_off", sweep=sweep.id, error=str(error))
            after = getattr(error, "after_seconds", None) or PUT_OFF_SECONDS
            with transaction(self.engine) as tx:
                until = self.clock.now() + timedelta(seconds=max(after, PUT_OFF_SECONDS))
                put_off(tx, sweep, str(error), until=until)


@contextmanager
def open_round(settings: Settings, engine: Engine, clock: Clock) -> Iterator[Round]:
    """What a round over all accounts' events works with. It needs no more than the Stripe key;
    accounts that installed our app are read with tokens that only FULFILL_ENCRYPTION_KEYS opens.
    """
    if settings.encryption_keys:
        with closing(make_deps(settings, engine, background=True, clock=clock)) as deps:
            yield Round(settings, engine, lists_by(deps), clock)
        return
    share = share_of(settings, background=True)
    key, base = settings.stripe_secret_key, settings.stripe_api_base
    with closing(StripeGateway(key, base, share)) as stripe:
        yield Round(settings, engine, lambda _: stripe.lists, clock)


def lists_by(deps: Deps) -> Callable[[ServedAccount], StripeLists]:
    """Each account's lists, by the client that may ask for them."""
    return lambda account: deps.of(account.account, account.livemode).stripe.lists


@contextmanager
def open_means(
    settings: Settings, engine: Engine, clock: Clock, wake: Callable[[], object]
) -> Iterator[Means]:
    """What a sweep over objects works with: background clients, one set for each thread."""
    threads = min(MOST_THREADS, settings.worker_threads)

    def open_deps() -> Deps:
        return make_deps(settings, engine, background=True, clock=clock)

    with reading(engine) as tx:
        accounts = served_accounts(tx, settings)
    with closing(open_deps()) as deps, closing(Lookers(open_deps, threads)) as lookers:
        yield Means(
            engine=engine,
            clock=clock,
            limits=deps.limits,
            accounts=accounts,
            lists_of=lists_by(deps),
            lookers=lookers,
            threads=threads,
            wake=wake,
        )
