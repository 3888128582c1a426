"""A receiver to deliver to, and what it wrote down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from starlette.applications import Starlette

from shared.database import reading
from shared.settings import Settings
from shared.tables import events, sales
from tests.deliveries import sign
from webhooks.app import WEBHOOK_PATH, receiver_routes
from webhooks.receiver import Receiver

Deliver = Callable[..., list[httpx.Response]]


def nobody() -> bool:
    """A wake-up that nobody needs."""
    return False


async def post_all(
    receiver: Receiver, bodies: Sequence[bytes], header: str | None = None
) -> list[httpx.Response]:
    """Deliver all bodies at once, each signed now, or with the same given header."""
    app = Starlette(routes=receiver_routes(receiver))
    async with (
        receiver.running(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door") as client,
    ):
        posts = [
            client.post(
                WEBHOOK_PATH,
                content=body,
                headers={
                    "Stripe-Signature": (sign(body) if header is None else header).encode("latin-1")
                },
            )
            for body in bodies
        ]
        return await asyncio.gather(*posts)


@pytest.fixture
def deliver(settings: Settings, engine: Engine) -> Deliver:
    """Deliver bodies at once to a receiver on a fresh database: `deliver(body, …) -> answers`."""

    def run(
        *bodies: bytes, header: str | None = None, wake: Callable[[], bool] = nobody
    ) -> list[httpx.Response]:
        return asyncio.run(post_all(Receiver(settings, engine, wake), bodies, header))

    return run


def statuses(answers: Sequence[httpx.Response]) -> list[str]:
    """What each answer said, sorted."""
    return sorted(answer.json()["status"] for answer in answers)


def event_rows(engine: Engine) -> list[dict[str, Any]]:
    with reading(engine) as connection:
        return [dict(row) for row in connection.execute(sa.select(events)).mappings()]


def sale_rows(engine: Engine) -> list[dict[str, Any]]:
    with reading(engine) as connection:
        ordered = sa.select(sales).order_by(sales.c.object_id)
        return [dict(row) for row in connection.execute(ordered).mappings()]
