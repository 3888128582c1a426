"""What is told while a pass runs: its sale and number on every log line, a span, a count.

Nothing is decided here, and a pass that nobody watches ends the same.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from structlog.contextvars import bound_contextvars

from shared import tracing
from shared.database import reading
from shared.metrics import PASS_SECONDS, PASSES
from shared.tables import events
from worker.lease import Lease

MOST_LINKS = 32  # deliveries that a pass is linked to; a burst may have thousands


@dataclass(slots=True)
class Watched:
    """How the pass ended; "lost" and "unwritten" are told by whoever runs it."""

    status: str = "unwritten"


@contextmanager
def watch(lease: Lease, engine: Engine) -> Iterator[Watched]:
    """Around one pass, in the thread that runs it."""
    watched = Watched()
    began = time.perf_counter()
    key = str(lease.key)
    covers = _covered(lease, engine) if tracing.on() else []
    with (
        bound_contextvars(key=key, pass_id=lease.pass_id),
        tracing.pass_span(covers, sale=key, pass_id=lease.pass_id) as note,
    ):
        try:
            yield watched
        finally:
            PASSES.labels(watched.status).inc()
            PASS_SECONDS.observe(time.perf_counter() - began)
            note(status=watched.status)


def _covered(lease: Lease, engine: Engine) -> list[tracing.Identity]:
    """The deliveries whose hints this pass covers, the newest first."""
    covered = (
        sa.select(events.c.event_id, events.c.account)
        .where(
            events.c.sale_id == lease.sale_id,
            events.c.generation > lease.span.start,
            events.c.generation <= lease.span.end,
        )
        .order_by(events.c.generation.desc())
        .limit(MOST_LINKS)
    )
    try:
        with reading(engine) as tx:
            return [(row.event_id, row.account) for row in tx.execute(covered)]
    except sa.exc.SQLAlchemyError:  # the pass itself will say so
        return []
