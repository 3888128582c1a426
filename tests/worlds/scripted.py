"""A service that gives the answers it was told to, in order, and keeps what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.worlds.web import serve_app

META = {"request_id": "req_1", "timestamp": "2026-11-21T12:00:00Z"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that came in."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """`hang` answers only when the caller has hung up."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False


@dataclass(slots=True)
class Script:
    """The last answer repeats for ever."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def says(self, *answers: Answer) -> None:
        self.answers = list(answers)

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        self.asked.append(
            Asked(
                request.method,
                request.url.path,
                dict(request.query_params),
                dict(request.headers),
                body,
            )
        )
        now = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if now.hang:
            await _until_gone(request)
        text = now.body if isinstance(now.body, str) else json.dumps(now.body)
        kind = "text/html" if isinstance(now.body, str) else "application/json"
        return Response(text, now.status, dict(now.headers), media_type=kind)


async def _until_gone(request: Request) -> None:
    while not await request.is_disconnected():
        await asyncio.sleep(0.01)


@contextmanager
def serve_script() -> Iterator[Script]:
    script = Script()
    methods = ["GET", "POST", "PATCH", "DELETE"]
    app = Starlette(routes=[Route("/{path:path}", script.answer, methods=methods)])
    with serve_app(app) as url:
        script.url = url
        yield script


def data(found: object) -> Answer:
    """LicenseKit's envelope around what was found."""
    return Answer(200, {"data": found, "meta": META})


def refusal(status: int, code: str, *, meta: Any = META, **headers: str) -> Answer:
    """LicenseKit's error envelope."""
    error = {"code": code, "message": "it can't be", "detail": "licenses:write"}
    return Answer(status, {"error": error, "meta": meta}, headers)


def stripe_fault(status: int, *, type: str, message: str, **fields: str) -> Answer:
    """Stripe's error envelope, with a request id, not to be repeated by the client itself."""
    body = {"error": {"type": type, "message": message, **fields}}
    return Answer(status, body, {"Request-Id": "req_stripe", "Stripe-Should-Retry": "false"})
