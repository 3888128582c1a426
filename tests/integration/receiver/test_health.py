"""What the probes say, and why."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy.engine import Engine

from shared.database import transaction
from shared.inbox import raise_hint
from shared.keys import SaleKey, StripeId
from shared.settings import Settings
from tests.deliveries import sign, subscription_updated
from webhooks.app import WEBHOOK_PATH, make_app
from webhooks.health import not_ready

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]


async def visit(settings: Settings) -> tuple[httpx.Response, httpx.Response, httpx.Response]:
    """Start the app as a server does, deliver one event, and ask both probes."""
    app, body = make_app(settings), subscription_updated("evt_1")
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door") as client,
    ):
        signed = {"Stripe-Signature": sign(body)}
        return (
            await client.post(WEBHOOK_PATH, content=body, headers=signed),
            await client.get("/livez"),
            await client.get("/readyz"),
        )


def test_a_healthy_receiver_is_alive_and_ready(settings: Settings) -> None:
    """The app alone takes deliveries and says that all is well."""
    delivered, alive, ready = asyncio.run(visit(settings))

    assert delivered.json() == {"status": "recorded"}
    assert (alive.status_code, ready.status_code) == (200, 200)


def test_without_its_tables_it_is_alive_not_ready_and_takes_nothing(
    make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    """503 with the reason and the command; Stripe delivers again later."""
    settings = make_settings(DATABASE_URL=f"sqlite:///{tmp_path}/new.db")

    delivered, alive, ready = asyncio.run(visit(settings))

    assert (delivered.status_code, alive.status_code, ready.status_code) == (503, 200, 503)
    assert ready.json()["status"] == "not_ready"
    assert "fulfill db upgrade" in ready.json()["reasons"][0]


@pytest.mark.parametrize(("age_seconds", "ready"), [(60, True), (61, False)])
def test_pain_25_a_hint_that_nobody_sees_for_too_long_is_a_reason(
    engine: Engine, age_seconds: int, ready: bool
) -> None:
    """Deliveries come in but no worker works them off: somebody should look."""
    with transaction(engine) as tx:
        key = SaleKey("", False, "subscription", StripeId("sub_1"))
        raise_hint(tx, key, now=NOW - timedelta(seconds=age_seconds))

    reasons = not_ready(engine, now=NOW, max_age_seconds=60)

    assert (reasons == []) == ready


def test_a_database_that_can_t_be_written_is_a_reason_without_its_address(
    sqlite_url: str, engines: Callable[..., Engine]
) -> None:
    """A real write is tried, and the reason shows no host, user or path."""
    holder, engine = engines(sqlite_url), engines(sqlite_url, patience_ms=50)

    with transaction(holder):
        [reason] = not_ready(engine, now=NOW, max_age_seconds=60)

    assert reason.startswith("the inbox can't be written (OperationalError)")
    assert sqlite_url not in reason


def test_a_faulty_environment_is_told_whole_and_ends_the_program_with_status_2() -> None:
    """All faults at once, on standard error, and no secret among them."""
    environment = {
        "PATH": os.environ["PATH"],
        "STRIPE_WEBHOOK_SECRET": "whsec_fine",
        "STRIPE_SECRET_KEY": "very-secret",
        "PORT": "none",
    }
    command = [sys.executable, "-m", "uvicorn", "webhooks.app:app", "--port", "0"]

    ended = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )

    assert ended.returncode == 2
    assert "STRIPE_SECRET_KEY must start with" in ended.stderr
    assert "PORT must be a whole number" in ended.stderr
    assert "very-secret" not in ended.stderr
