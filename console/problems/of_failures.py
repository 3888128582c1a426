"""Sales that fail again and again. They heal by themselves, and somebody should look why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from console.problems.causes import FAILING, cause_of
from console.problems.look import Look, Shown, words_of
from console.problems.stakes import WEIGHED, cut, first_of, most, weigh
from console.problems.values import Place, ProblemGroup
from shared.tables import passes, sales

OFTEN = 8  # attempts: about ten minutes of trying, and from then on a quarter of an hour apart
FAILED_OFTEN = sa.and_(sales.c.status == "failed", sales.c.attempts >= OFTEN)


def read_of_failures(connection: Connection, look: Look) -> list[ProblemGroup]:
    """One group, or none."""
    rows, more = cut(_rows(connection, look), everything=look.everything)
    if not rows:
        return []
    place = Place(FAILING)
    ids = first_of((row.object_id for row in rows), everything=look.everything)
    return [
        ProblemGroup(
            place=place,
            words=words_of(place, Shown(ids), look),
            count=count_failing(connection) if more else len(rows),
            unit=cause_of(FAILING).unit,
            stake=weigh(rows, more=more),
            since=min(row.hinted_at for row in rows),
            ids=ids,
            says=_last_error(connection, rows[0].sale_id),
        )
    ]


def count_failing(connection: Connection) -> int:
    query = sa.select(sa.func.count()).select_from(sales).where(FAILED_OFTEN)
    return connection.execute(query).scalar_one()


def _rows(connection: Connection, look: Look) -> Sequence[Row[Any]]:
    query = sa.select(*WEIGHED, sales.c.hinted_at).where(FAILED_OFTEN).order_by(sales.c.id)
    return list(connection.execute(query.limit(most(everything=look.everything))))


def _last_error(connection: Connection, sale_id: int) -> str:
    query = sa.select(passes.c.error).where(passes.c.sale_id == sale_id)
    return connection.scalar(query.order_by(passes.c.id.desc()).limit(1)) or ""
