"""What RQ calls, and how a worker is put together from the settings. Nothing is decided here."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from dataclasses import replace
from functools import cache

from redis import RedisError
from sqlalchemy.engine import Engine

from shared.accounts import named_accounts
from shared.clock import Clock, SystemClock
from shared.database import make_engine
from shared.queue import Waker
from shared.secrets import Secret, Vault
from shared.settings import Settings, read_settings
from worker.crew import Crew
from worker.deps import Deps
from worker.gateways.budget import Share, share_of
from worker.gateways.licensekit import LicenseKitGateway
from worker.gateways.patience import PATIENT, Patience
from worker.gateways.stripe import StripeGateway
from worker.gateways.stripe_client import TokenOf
from worker.gateways.stripe_oauth import StripeOAuth
from worker.installed import InstalledClients, Makers
from worker.plan.guard import Limits
from worker.tokens import AccessTokens

SYSTEM_CLOCK = SystemClock()
SPARE_CONNECTIONS = 4  # beside one for each pass: the claim, the keeper, and two to spare


def worker_name() -> str:
    """This program, as the journal names it."""
    return f"{socket.gethostname()}:{os.getpid()}"


def make_deps(
    settings: Settings,
    engine: Engine,
    *,
    background: bool = False,
    patience: Patience = PATIENT,
    clock: Clock = SYSTEM_CLOCK,
) -> Deps:
    """What one thread needs for its passes. Its clients are its own; the engine is shared.

    In the `background` nobody waits: Stripe is asked only with a share of the budget.
    """
    share = share_of(settings, background=background)
    base = settings.stripe_api_base
    vault = Vault(settings.encryption_keys)
    makers = _makers(settings, share, patience)
    return Deps(
        engine=engine,
        stripe=StripeGateway(settings.stripe_secret_key, base, share, patience=patience),
        licensekit=makers.licensekit(settings.licensekit_api_token),
        vault=vault,
        clock=clock,
        worker=worker_name(),
        limits=Limits(settings.guard_max_revokes, settings.guard_max_share_percent),
        installed=InstalledClients(
            AccessTokens(engine, vault, StripeOAuth.by(settings), clock),
            makers,
            frozenset(named_accounts(settings)),
        ),
    )


def _makers(settings: Settings, share: Share, patience: Patience) -> Makers:
    base = settings.stripe_api_base

    def make_stripe(token: Secret, token_of: TokenOf) -> StripeGateway:
        own = replace(share, owner=token_of.which.account)  # Stripe limits each account by itself
        return StripeGateway(token, base, own, patience=patience, token_of=token_of)

    def make_licensekit(token: Secret) -> LicenseKitGateway:
        return LicenseKitGateway(settings.licensekit_url, token, patience=patience)

    return Makers(make_stripe, make_licensekit)


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
