"""The web process: `uvicorn console.asgi:app`. Receiver, admin routes, embedded LicenseKit, health.

`app` is made when it is first asked for, so importing this module reads no environment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from sqlalchemy.engine import Engine
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from console.admin.desk import Desk
from console.admin.mounting import mounted_routes
from console.admin.serving import READERS, VISITORS
from console.app.routes import app_routes
from console.embedded_licensekit import embedded_faults, licensing_config
from console.mapping_changes import waker_of
from licensing.app import api_routes
from licensing.app import close as close_licensing
from licensing.health import readiness
from shared import logs, tracing
from shared.database import make_engine
from shared.queue import Waker
from shared.settings import Settings, SettingsError, read_settings
from webhooks.app import open_engine, receiver_routes
from webhooks.gauges import Gauges
from webhooks.health import Check, health_routes, inbox_check
from webhooks.metrics_page import metrics_route
from webhooks.receiver import Receiver

# one for each thread of the admin routes, one for a pass in it, two for metrics
ADMIN_CONNECTIONS = READERS + 2 * VISITORS + 2


def make_app(settings: Settings) -> Starlette:
    """All that the settings call for, as one app; its lifespan opens and closes what it uses."""
    receiving, reading = open_engine(settings), _admin_engine(settings)
    waker = Waker(settings.redis_url)
    receiver = Receiver(settings, receiving, waker.wake)
    mounted = settings.stripe_routes_mounted

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.callback(tracing.stop)
            stack.callback(reading.dispose)
            stack.callback(receiving.dispose)
            stack.callback(waker.close)
            if settings.embedded:
                stack.callback(close_licensing, licensing_config(settings))
            if mounted:
                await stack.enter_async_context(receiver.running())
            yield

    return Starlette(
        routes=[
            # the first route that fits is taken: deliveries come most often
            *(receiver_routes(receiver) if mounted else ()),
            *health_routes(_check(settings, receiving)),
            metrics_route(settings.metrics_token, Gauges(reading, settings.redis_url)),
            *(_admin_routes(settings, reading) if mounted else ()),
            *(app_routes(settings, reading) if mounted else ()),
            *(api_routes(licensing_config(settings)) if settings.embedded else ()),
        ],
        lifespan=lifespan,
    )


def _admin_engine(settings: Settings) -> Engine:
    return make_engine(settings.database_url, pool_size=ADMIN_CONNECTIONS)


def _admin_routes(settings: Settings, engine: Engine) -> Sequence[BaseRoute]:
    return mounted_routes(Desk(settings, engine, waker_of(settings)))


def _check(settings: Settings, engine: Engine) -> Check:
    """The inbox's reasons not to be ready, and the embedded LicenseKit's."""
    inbox = inbox_check(engine, settings.inbox_max_age_seconds)
    if not settings.embedded:
        return inbox
    config = licensing_config(settings)

    def check() -> list[str]:
        reason = readiness(config)
        return [*inbox(), *([f"LicenseKit: {reason}"] if reason else [])]

    return check


def read_web_settings(environment: Mapping[str, str]) -> Settings:
    """The settings, with what the embedded LicenseKit needs. Raises SettingsError, all at once."""
    faults: list[str] = []
    try:
        settings = read_settings(environment, role="web")
    except SettingsError as error:
        faults += error.faults
    faults += embedded_faults(environment)
    if faults:
        raise SettingsError(faults)
    return settings


def _from_environment() -> Starlette:
    try:
        settings = read_web_settings(os.environ)
    except SettingsError as error:
        print("Faults in the settings:", *error.faults, sep="\n  ", file=sys.stderr)
        raise SystemExit(2) from None
    logs.configure(settings.log_format)
    tracing.start(settings.otlp_endpoint, "web")
    return make_app(settings)


def __getattr__(name: str) -> Starlette:
    if name == "app":
        return _from_environment()
    raise AttributeError(name)
