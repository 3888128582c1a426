"""The receiver as a program: `uvicorn webhooks.app:app`. The routes themselves are elsewhere.

`app` is made when it is first asked for, so importing this module reads no environment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy.engine import Engine
from starlette.applications import Starlette
from starlette.routing import Route

from shared import logs
from shared.database import make_engine
from shared.queue import Waker
from shared.settings import Settings, SettingsError, read_settings
from webhooks.health import health_routes, inbox_check
from webhooks.receiver import Receiver

WEBHOOK_PATH = "/stripe/webhook"
PATIENCE_MS = 3_000  # then 503: Stripe hangs up on slow endpoints, and delivers again


def receiver_routes(receiver: Receiver) -> list[Route]:
    """The public route, for any Starlette app whose lifespan runs `receiver.running()`."""
    return [Route(WEBHOOK_PATH, receiver, methods=["POST"], name="stripe-webhook")]


def open_receiver(settings: Settings) -> tuple[Receiver, Engine, Callable[[], None]]:
    """A receiver, the engine it writes with, and what closes both its engine and its Redis."""
    engine = make_engine(settings.database_url, pool_size=2, patience_ms=PATIENCE_MS)
    waker = Waker(settings.redis_url) if settings.redis_url else None

    def close() -> None:
        engine.dispose()
        if waker is not None:
            waker.close()

    # without Redis the sweep alone finds what is due
    return Receiver(settings, engine, waker.wake if waker else _nobody_to_wake), engine, close


def make_app(settings: Settings) -> Starlette:
    """The receiver and its health, with a lifespan that starts and stops them."""
    receiver, engine, close = open_receiver(settings)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with receiver.running():
            yield
        close()

    health = health_routes(inbox_check(engine, settings.inbox_max_age_seconds))
    return Starlette(routes=[*receiver_routes(receiver), *health], lifespan=lifespan)


def _nobody_to_wake() -> bool:
    return False


def _from_environment() -> Starlette:
    try:
        settings = read_settings(os.environ, role="receiver")
    except SettingsError as error:
        print("Faults in the settings:", *error.faults, sep="\n  ", file=sys.stderr)
        raise SystemExit(2) from None
    logs.configure(settings.log_format)
    return make_app(settings)


def __getattr__(name: str) -> Starlette:
    if name == "app":
        return _from_environment()
    raise AttributeError(name)
