"""Open problems of sales, grouped in the database; only what waits is read, however long the
journal is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from console.problems.causes import CAUSES, cause_of
from console.problems.look import Look, Shown, policy_of, words_of
from console.problems.stakes import SHOWN, WEIGHED, cut, first_of, most, weigh
from console.problems.values import Place, ProblemGroup
from shared.tables import problems, sales

EACH_ITS_OWN = [name for name, cause in CAUSES.items() if not cause.shared]
PLACED = [name for name, cause in CAUSES.items() if cause.placed]


def read_of_sales(connection: Connection, look: Look, cause: str | None) -> list[ProblemGroup]:
    """One group a cause, or a cause and subject where mending the subject releases many sales."""
    own = problems.c.cause.in_(EACH_ITS_OWN)
    placed = problems.c.cause.in_(PLACED)
    query = (
        sa.select(
            problems.c.cause,
            sa.case((own, ""), else_=problems.c.subject).label("group_subject"),
            sa.case((placed, sales.c.account), else_="").label("group_account"),
            sa.case((placed, sales.c.livemode)).label("group_livemode"),
            sa.func.count().label("number"),
            sa.func.min(problems.c.opened_at).label("since"),
        )
        .join(sales, sales.c.id == problems.c.sale_id)
        .group_by(problems.c.cause, "group_subject", "group_account", "group_livemode")
    )
    if cause is not None:
        query = query.where(problems.c.cause == cause)
    return [_group(connection, row, look) for row in connection.execute(query).all()]


def _group(connection: Connection, row: Row[Any], look: Look) -> ProblemGroup:
    place = Place(row.cause, row.group_subject, row.group_account, row.group_livemode)
    rows, more = cut(_rows(connection, place, look), everything=look.everything)
    names = {one.object_id: None for one in rows}
    ids = first_of(names, everything=look.everything)
    shown = Shown(ids, more=len(names) > SHOWN)
    policy = policy_of(place, rows[0].bought if rows else None, look)
    return ProblemGroup(
        place=place,
        words=words_of(place, shown, look, policy=policy),
        count=row.number,
        unit=cause_of(place.cause).unit,
        stake=weigh(rows, more=more),
        since=row.since,
        ids=ids,
        says=rows[0].message if rows else "",
    )


def _rows(connection: Connection, place: Place, look: Look) -> Sequence[Row[Any]]:
    """The problems of a group with their sales, oldest first, along the index over causes."""
    query = (
        sa.select(*WEIGHED, problems.c.message)
        .join(sales, sales.c.id == problems.c.sale_id)
        .where(problems.c.cause == place.cause)
        .order_by(problems.c.id)
        .limit(most(everything=look.everything))
    )
    if place.cause not in EACH_ITS_OWN:
        query = query.where(problems.c.subject == place.subject)
    if place.livemode is not None:
        query = query.where(sales.c.account == place.account, sales.c.livemode == place.livemode)
    return list(connection.execute(query))
