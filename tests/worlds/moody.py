"""A service with moods: it stands before another one and fails some of its answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

META = {"request_id": "req_moody", "timestamp": "2026-11-21T12:00:00Z"}


@dataclass(frozen=True, slots=True)
class Mood:
    """One failure to come, for requests whose method and path fit."""

    status: int
    method: str = ""  # "" = any
    path_ends: str = ""
    after_work: bool = False  # the work is done, only its answer is lost


@dataclass(slots=True)
class Moody:
    """Fails as planned, in order, and is calm otherwise."""

    app: ASGIApp
    planned: list[Mood] = field(default_factory=list)
    failed: int = 0

    def plan(self, *moods: Mood) -> None:
        self.planned += moods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        mood = self._mood(scope)
        if mood is None:
            await self.app(scope, receive, send)
            return
        self.failed += 1
        if mood.after_work:
            await self.app(scope, receive, _swallow)
        await _fail(mood.status, send)

    def _mood(self, scope: Scope) -> Mood | None:
        if scope["type"] != "http" or not self.planned:
            return None
        mood = self.planned[0]
        fits = scope["method"].startswith(mood.method) and scope["path"].endswith(mood.path_ends)
        return self.planned.pop(0) if fits else None


async def _swallow(message: Message) -> None:
    """The answer that never arrives."""


async def _fail(status: int, send: Send) -> None:
    error = {"code": "MOODY", "message": "not now"}
    body = json.dumps({"error": error, "meta": META}).encode()
    headers = [(b"content-type", b"application/json"), (b"retry-after", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
