"""License keys that nobody was given: their buyers have a license that they can't use yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from console.problems.causes import KEY_UNDELIVERED, cause_of
from console.problems.look import Look, Shown, words_of
from console.problems.stakes import WEIGHED, cut, first_of, most, weigh
from console.problems.values import Place, ProblemGroup
from shared.tables import escrow, links, sales

# as the index has it: SQLite takes a partial index only for the very same words
UNDELIVERED = escrow.c.delivered_at.is_(sa.null())


def read_of_keys(connection: Connection, look: Look) -> list[ProblemGroup]:
    """One group, or none. A license that was revoked since needs no key."""
    read, more = cut(_rows(connection, look), everything=look.everything)
    rows = [row for row in read if not (row.written or {}).get("revoked")]
    if not rows:
        return []
    place = Place(KEY_UNDELIVERED)
    ids = first_of((row.licensekit_id for row in rows), everything=look.everything)
    return [
        ProblemGroup(
            place=place,
            words=words_of(place, Shown(ids), look),
            count=count_undelivered(connection) if more else len(rows),
            unit=cause_of(KEY_UNDELIVERED).unit,
            stake=weigh(rows, more=more),
            since=rows[0].created_at,
            ids=ids,
        )
    ]


def count_undelivered(connection: Connection) -> int:
    """Out of the index alone, so with those whose license was revoked since."""
    query = sa.select(sa.func.count()).select_from(escrow).where(UNDELIVERED)
    return connection.execute(query).scalar_one()


def _rows(connection: Connection, look: Look) -> Sequence[Row[Any]]:
    query = (
        sa.select(escrow.c.licensekit_id, escrow.c.created_at, links.c.written, *WEIGHED)
        .join(links, links.c.id == escrow.c.link_id)
        .join(sales, sales.c.id == links.c.sale_id)
        .where(UNDELIVERED)
        .order_by(escrow.c.created_at)
        .limit(most(everything=look.everything))
    )
    return list(connection.execute(query))
