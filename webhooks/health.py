"""Is this process alive, and can it take deliveries? What became of them is shown elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from shared import migrations
from shared.database import reading, transaction
from shared.inbox import due_count, oldest_hint
from shared.tables import slots

PROBE_TASK = "readiness"  # one row in `slots`, written over and over
PROBE_SLOT = datetime(2000, 1, 1, tzinfo=UTC)

Check = Callable[[], list[str]]  # the reasons not to be ready; none = ready


def not_ready(engine: Engine, *, now: datetime, max_age_seconds: int) -> list[str]:
    """Every reason why the inbox is not in order, as sentences for an operator; [] when it is."""
    try:
        reason = migrations.missing(engine)
        if reason is not None:
            return [reason]
        _write_something(engine, now)
        return _too_old(engine, now, max_age_seconds)
    except SQLAlchemyError as error:
        # only its kind: a driver's text may hold the database's address and user
        return [f"the inbox can't be written ({type(error).__name__}): Stripe gets 503 and retries"]


def _write_something(engine: Engine, now: datetime) -> None:
    """A real commit: asking for the lock alone would not notice a full disk."""
    here = (slots.c.task == PROBE_TASK, slots.c.slot == PROBE_SLOT)
    with transaction(engine) as tx:
        tx.execute(sa.delete(slots).where(*here))
        tx.execute(
            sa.insert(slots).values(task=PROBE_TASK, slot=PROBE_SLOT, taken_by=now.isoformat())
        )


def _too_old(engine: Engine, now: datetime, max_age_seconds: int) -> list[str]:
    with reading(engine) as connection:
        oldest = oldest_hint(connection)
        if oldest is None or now - oldest <= timedelta(seconds=max_age_seconds):
            return []
        waiting = due_count(connection)
    age = int((now - oldest).total_seconds())
    return [
        f"the oldest of {waiting} unseen hints has waited {age} s (allowed: {max_age_seconds} s);"
        " is a worker running, or do passes fail? See: fulfill log --status failed"
    ]


def health_routes(check: Check) -> list[Route]:
    """`/livez` and `/readyz`. `check` is run in a thread, at each request of `/readyz`."""

    def livez(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    def readyz(_request: Request) -> JSONResponse:
        reasons = check()
        if reasons:
            return JSONResponse({"status": "not_ready", "reasons": reasons}, status_code=503)
        return JSONResponse({"status": "ready"})

    return [Route("/livez", livez), Route("/readyz", readyz)]


def inbox_check(engine: Engine, max_age_seconds: int) -> Check:
    """`not_ready` by this machine's clock."""
    return lambda: not_ready(engine, now=datetime.now(UTC), max_age_seconds=max_age_seconds)
