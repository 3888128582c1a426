"""What the invariants found when they were looked at last; the scheduler writes it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from console.problems.causes import cause_of
from console.problems.look import Look, Shown, words_of
from console.problems.values import Place, ProblemGroup, Stake
from shared.tables import findings
from worker.invariants import INVARIANTS

QUIET = [name for name, one in INVARIANTS.items() if not one.alarms]
BROKEN = sa.and_(findings.c.count > 0, findings.c.invariant.not_in(QUIET))


def read_of_findings(connection: Connection, look: Look) -> list[ProblemGroup]:
    """One group an invariant that does not hold, without those that are only numbers to know."""
    query = sa.select(findings, findings.c.count.label("number")).where(BROKEN)
    query = query.order_by(findings.c.invariant)
    return [_group(row, look) for row in connection.execute(query)]


def _group(row: Row[Any], look: Look) -> ProblemGroup:
    place = Place(row.invariant)
    ids = tuple(map(str, row.examples))
    return ProblemGroup(
        place=place,
        words=words_of(place, Shown(ids), look),
        count=row.number,
        unit=cause_of(row.invariant).unit,
        stake=Stake(at_least=True),
        since=row.checked_at,
        ids=ids,
    )
