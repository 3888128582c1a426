"""What RQ calls, and how a worker is put together from the settings. Nothing is decided here."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from functools import cache

from redis import RedisError
from sqlalchemy.engine import Engine

from shared.clock import SystemClock
from shared.database import make_engine
from shared.queue import Waker
from shared.secrets import Vault
from shared.settings import Settings, read_settings
from worker.crew import Crew
from worker.deps import Deps
from worker.gateways.budget import share_of
from worker.gateways.licensekit import LicenseKitGateway
from worker.gateways.stripe import StripeGateway
from worker.plan.guard import Limits

SPARE_CONNECTIONS = 4  # beside one for each pass: the claim, the keeper, and two to spare


def worker_name() -> str:
    """This program, as the journal names it."""
    return f"{socket.gethostname()}:{os.getpid()}"


def make_deps(settings: Settings, engine: Engine, *, background: bool = False) -> Deps:
    """What one thread needs for its passes. Its clients are its own; the engine is shared.

    In the `background` nobody waits: Stripe is asked only with a share of the budget.
    """
    share = share_of(settings, background=background)
    return Deps(
        engine=engine,
        stripe=StripeGateway(settings.stripe_secret_key, settings.stripe_api_base, share),
        licensekit=LicenseKitGateway(settings.licensekit_url, settings.licensekit_api_token),
        vault=Vault(settings.encryption_keys),
        clock=SystemClock(),
        worker=worker_name(),
        limits=Limits(settings.guard_max_revokes, settings.guard_max_share_percent),
    )


def make_crew(settings: Settings) -> Crew:
    """A worker's threads, with an engine of their own."""
    threads = settings.worker_threads
    engine = make_engine(settings.database_url, pool_size=threads + SPARE_CONNECTIONS)
    return Crew(
        engine,
        lambda: make_deps(settings, engine),
        threads=threads,
        worker=worker_name(),
        clock=SystemClock(),
    )


@cache
def this_crew() -> Crew:
    """The crew of this program, put together from the environment at the first wake-up."""
    crew = make_crew(read_settings(os.environ, role="worker"))
    crew.start()
    return crew


@cache
def _waker() -> Waker:
    return Waker(read_settings(os.environ, role="worker").redis_url)


def _wake_another() -> None:
    with suppress(RedisError):  # the sweep wakes it
        _waker().wake()


def bring_to_rest() -> int:
    """The RQ job: bring due sales to rest until none is due. Returns how many passes it took."""
    return this_crew().bring_to_rest(_wake_another)
