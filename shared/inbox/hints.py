"""Hints by hand, and how many wait. For retries, reconciles and whatever releases a sale."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shared.database import UtcDateTime
from shared.inbox.statements import ON_CONFLICT_RAISE, SALE_COLUMNS
from shared.inbox.values import NORMAL
from shared.keys import SaleKey
from shared.tables import sales

_RAISE = sa.text(
    f"INSERT INTO sales ({SALE_COLUMNS})"  # noqa: S608
    " VALUES (:account, :livemode, :kind, :object_id, 1, :urgency, :now, :now)"
    f" {ON_CONFLICT_RAISE} RETURNING wanted_generation"
).bindparams(sa.bindparam("now", type_=UtcDateTime))


def raise_hint(
    connection: Connection, key: SaleKey, *, now: datetime, urgency: int = NORMAL
) -> int:
    """Make a sale due, inside the caller's transaction. Returns its wanted generation.

    Raise many in the order of their keys: whoever locks the same rows then waits only one way.
    """
    wanted = connection.execute(
        _RAISE,
        {
            "account": key.account,
            "livemode": key.livemode,
            "kind": key.kind,
            "object_id": key.id,
            "urgency": urgency,
            "now": now,
        },
    ).scalar_one()
    return int(wanted)


def due_count(connection: Connection) -> int:
    """How many sales have a hint that no pass has seen."""
    unseen = sales.c.wanted_generation > sales.c.seen_generation
    return connection.execute(sa.select(sa.func.count()).where(unseen)).scalar_one()


def oldest_hint(connection: Connection) -> datetime | None:
    """When the hint came that waits longest, or None when none waits."""
    unseen = sales.c.wanted_generation > sales.c.seen_generation
    return connection.execute(sa.select(sa.func.min(sales.c.hinted_at)).where(unseen)).scalar()
