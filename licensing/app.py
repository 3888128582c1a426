"""The embedded LicenseKit API as routes: stand-alone, or mounted in another Starlette app.

What each operation does: `operations` is the table of contents.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import groupby

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from licensing import envelopes
from licensing.config import LicensingConfig
from licensing.database import close_database
from licensing.endpoint import Endpoint
from licensing.errors import not_found
from licensing.health import not_ready
from licensing.identifiers import new_id
from licensing.operations import API, HEALTH, METRICS, UNDER_API, Operation
from licensing.service import Service


def create_app(config: LicensingConfig) -> Starlette:
    """The whole contract, with /readyz and /metrics, for `uvicorn`. Migrate the database first."""
    service = Service.open(config)
    routes = [*_routes(service, METRICS), Route("/readyz", _Readyz(service)), *api_routes(config)]
    routes.append(Route("/{rest:path}", _Nowhere(service)))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        close(config)

    return Starlette(routes=routes, lifespan=lifespan)


def api_routes(config: LicensingConfig) -> list[BaseRoute]:
    """`/api/v1/…`, `/health` and `/healthz` to mount at the root of another app.

    The host calls `close` when it shuts down.
    """
    service = Service.open(config)
    return [
        *_routes(service, HEALTH),
        *_routes(service, UNDER_API),
        Route(API + "/{rest:path}", _Nowhere(service)),
    ]


def close(config: LicensingConfig) -> None:
    """Give the database's connections back."""
    close_database(config.database_url)


def _routes(service: Service, operations: Iterable[Operation]) -> list[BaseRoute]:
    rows = sorted(operations, key=lambda operation: operation.path)
    return [
        Route(path, Endpoint(service, {row.method: row for row in group}))
        for path, group in groupby(rows, key=lambda operation: operation.path)
    ]


class _Readyz:
    """Readiness of the API when it runs alone; a host has its own."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reason = await run_in_threadpool(not_ready, self._service.database, self._service.signer)
        status = "ready" if reason is None else "not_ready"
        data = msgspec.json.encode({"status": status, "db": reason or "ok"})
        stamp = envelopes.meta(new_id("req"), self._service.config.clock())
        response = envelopes.success(200 if reason is None else 503, data, stamp)
        await response(scope, receive, send)


class _Nowhere:
    """A path that the contract does not know."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = not_found("path", scope["path"])
        response = envelopes.error(refusal, new_id("req"), self._service.config.clock())
        await response(scope, receive, send)
