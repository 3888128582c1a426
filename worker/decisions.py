"""The table of decisions: what a person decided about a sale, one open at a time, with its history.

Passes read the open one; the doors for people write. Each verb takes the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from shared.tables import decisions
from worker.state import Decision

OPEN = decisions.c.released_at.is_(None)


@dataclass(frozen=True, slots=True)
class Release:
    """Who ended a decision, when and why."""

    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision in its sale's history; `release` is None while it holds."""

    sale_id: int
    decision: Decision
    release: Release | None


def read_open(tx: Connection, sale_id: int) -> Decision | None:
    """What holds for the sale now."""
    row = tx.execute(sa.select(decisions).where(decisions.c.sale_id == sale_id, OPEN)).first()
    return None if row is None else _decision(row)


def read_decided(tx: Connection, sale_ids: Sequence[int]) -> list[Decided]:
    """Every decision there ever was about these sales, oldest first."""
    query = sa.select(decisions).where(decisions.c.sale_id.in_(sale_ids)).order_by(decisions.c.id)
    return [Decided(row.sale_id, _decision(row), _release(row)) for row in tx.execute(query)]


def open_decision(tx: Connection, sale_id: int, decision: Decision) -> None:
    """Write it down. The sale must have none that is open: a unique index sees to it."""
    tx.execute(
        sa.insert(decisions).values(
            sale_id=sale_id,
            kind=decision.kind,
            reason=decision.reason,
            decided_by=decision.by,
            decided_at=decision.at,
        )
    )


def end_decision(tx: Connection, sale_id: int, release: Release) -> None:
    """The open decision holds no longer; it stays in the history."""
    ended = sa.update(decisions).where(decisions.c.sale_id == sale_id, OPEN)
    tx.execute(
        ended.values(released_by=release.by, release_reason=release.reason, released_at=release.at)
    )


def _decision(row: Row[Any]) -> Decision:
    return Decision(row.kind, row.reason, row.decided_by, row.decided_at)


def _release(row: Row[Any]) -> Release | None:
    if row.released_at is None:
        return None
    return Release(row.released_by, row.release_reason, row.released_at)
