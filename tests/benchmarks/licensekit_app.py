"""The embedded LicenseKit with a wait before each answer, as a service far away would have."""

from __future__ import annotations

import asyncio
import os

from starlette.types import ASGIApp, Receive, Scope, Send

from licensing.app import create_app
from tests.benchmarks.licensekit_config import make_config


class Faraway:
    """Waits `BENCH_LATENCY_SECONDS` before it lets a request through."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._seconds:
            await asyncio.sleep(self._seconds)
        await self._app(scope, receive, send)


app = Faraway(create_app(make_config()), float(os.environ["BENCH_LATENCY_SECONDS"]))
