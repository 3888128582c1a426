"""The receiver as a program: `uvicorn webhooks.app:app`. The routes themselves are elsewhere.

`app` is made when it is first asked for, so importing this module reads no environment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.engine import Engine
from starlette.applications import Starlette
from starlette.routing import Route

from shared import logs, tracing
from shared.database import make_engine
from shared.queue import Waker
from shared.settings import Settings, SettingsError, read_settings
from webhooks.committer import BATCH_LIMIT
from webhooks.gauges import Gauges
from webhooks.health import health_routes, inbox_check
from webhooks.metrics_page import metrics_route
from webhooks.receiver import Receiver

WEBHOOK_PATH = "/stripe/webhook"
PATIENCE_MS = 3_000  # then 503: Stripe hangs up on slow endpoints, and delivers again


def receiver_routes(receiver: Receiver) -> list[Route]:
    """The public route, for any Starlette app whose lifespan runs `receiver.running()`."""
    return [Route(WEBHOOK_PATH, receiver, methods=["POST"], name="stripe-webhook")]


def open_engine(settings: Settings) -> Engine:
    """An engine that gives up in time to answer 503: a connection to write and one to look.

    No ping before each batch, which would cost PostgreSQL as much as the batch itself: the
    receiver writes again when its connection turns out to be gone.
    """
    return make_engine(
        settings.database_url, pool_size=2, patience_ms=PATIENCE_MS, pool_pre_ping=False
    )


def make_app(settings: Settings, *, batch_limit: int = BATCH_LIMIT) -> Starlette:
    """The receiver and its health; its lifespan starts the receiver, stops it and closes all."""
    engine = open_engine(settings)
    waker = Waker(settings.redis_url)
    receiver = Receiver(settings, engine, waker.wake, batch_limit=batch_limit)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with receiver.running():
            yield
        waker.close()
        engine.dispose()
        tracing.stop()

    health = health_routes(inbox_check(engine, settings.inbox_max_age_seconds))
    page = metrics_route(settings.metrics_token, Gauges(engine, settings.redis_url))
    return Starlette(routes=[*receiver_routes(receiver), *health, page], lifespan=lifespan)


def _from_environment() -> Starlette:
    try:
        settings = read_settings(os.environ, role="receiver")
    except SettingsError as error:
        print("Faults in the settings:", *error.faults, sep="\n  ", file=sys.stderr)
        raise SystemExit(2) from None
    logs.configure(settings.log_format)
    tracing.start(settings.otlp_endpoint, "receiver")
    return make_app(settings)


def __getattr__(name: str) -> Starlette:
    if name == "app":
        return _from_environment()
    raise AttributeError(name)
