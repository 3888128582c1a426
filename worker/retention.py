"""Forgets history that is older than it is to be kept, in small batches.

What goes is found by one read, which holds up nobody; each batch is a short write of its own, which
looks once more whether its rows may go. Never forgotten: events that no pass has seen, each sale's
last pass, all passes of a sale with an open problem, and all that is no history.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from shared.database import reading, transaction
from shared.logs import get_logger
from shared.retention import Retention
from shared.tables import audit, events, passes, problems, sales, steps, sweeps

log = get_logger("retention")

BATCH = 500  # rows a transaction: a writer waits for it no longer than a moment
MOST_ROWS = 50_000  # of a kind in one run; the rest goes with the next
PRUNE_SECONDS = 3_600

ENDED_SWEEPS = ("done", "refused", "failed")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of history: how old a row is, which may go, and what hangs on it."""

    name: str
    table: sa.Table
    moment: sa.Column[datetime]
    may_go: sa.ColumnElement[bool]
    part: sa.Column[int] | None = None  # the key of rows that go along

    def old(self, before: datetime) -> sa.Select[int]:
        return sa.select(self.table.c.id).where(self.moment < before, self.may_go)


def _seen() -> sa.ColumnElement[bool]:
    """The hint was covered by a pass, or was for no sale."""
    covered = sa.select(sales.c.id).where(
        sales.c.id == events.c.sale_id, sales.c.seen_generation >= events.c.generation
    )
    return sa.or_(events.c.sale_id.is_(None), covered.exists())


def _superseded() -> sa.ColumnElement[bool]:
    """A later pass of the sale has closed, and nothing waits for a person."""
    later = passes.alias("later")
    after = sa.select(later.c.id).where(
        later.c.sale_id == passes.c.sale_id, later.c.id > passes.c.id, later.c.status != "running"
    )
    waiting = sa.select(problems.c.id).where(problems.c.sale_id == passes.c.sale_id)
    return sa.and_(passes.c.status != "running", after.exists(), ~waiting.exists())


KINDS = (
    Kind("events", events, events.c.received_at, _seen()),
    Kind("passes", passes, passes.c.started_at, _superseded(), steps.c.pass_id),
    Kind("audit", audit, audit.c.at, sa.true()),
    Kind("sweeps", sweeps, sweeps.c.asked_at, sweeps.c.state.in_(ENDED_SWEEPS)),
)


def prune(
    engine: Engine,
    retention: Retention,
    *,
    now: datetime,
    stopped: Callable[[], bool] = lambda: False,
) -> dict[str, int]:
    """Forget what is too old, and return how many rows of each kind went. May end at any batch."""
    gone = {kind.name: 0 for kind in KINDS}
    for kind in KINDS:
        before = now - timedelta(days=getattr(retention, kind.name))
        found = _find(engine, kind, before)
        for start in range(0, len(found), BATCH):
            if stopped():
                return gone
            with transaction(engine) as tx:
                gone[kind.name] += _forget(tx, kind, before, found[start : start + BATCH])
    if any(gone.values()):
        log.info("history.pruned", **gone)
    return gone


def _find(engine: Engine, kind: Kind, before: datetime) -> list[int]:
    oldest = kind.old(before).order_by(kind.moment, kind.table.c.id).limit(MOST_ROWS)
    with reading(engine) as tx:
        return list(tx.scalars(oldest))


def _forget(tx: Connection, kind: Kind, before: datetime, found: list[int]) -> int:
    """Those that still may go, locked, so that none is forgotten while a pass moves it."""
    mine = kind.old(before).where(kind.table.c.id.in_(found)).with_for_update(skip_locked=True)
    ids = list(tx.scalars(mine))
    if kind.part is not None:
        tx.execute(sa.delete(kind.part.table).where(kind.part.in_(ids)))
    tx.execute(sa.delete(kind.table).where(kind.table.c.id.in_(ids)))
    return len(ids)
