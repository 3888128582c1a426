"""A service with a listener at its door: what was asked of it, and how often."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass(slots=True)
class Heard:
    """Stands before any ASGI app and changes nothing."""

    app: ASGIApp
    methods: Counter[str] = field(default_factory=Counter)
    paths: Counter[str] = field(default_factory=Counter)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.methods[scope["method"]] += 1
            self.paths[f"{scope['method']} {scope['path']}"] += 1
        await self.app(scope, receive, send)

    def writes(self) -> list[str]:
        """Every request that was no read, as "POST /v1/customers"."""
        return [path for path in self.paths if not path.startswith("GET ")]
