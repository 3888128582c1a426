"""History in the tables, as those who forget it see it."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database import reading
from tests.integration.console.journal import NOON

OLD = NOON - timedelta(days=100)


def ids(engine: Engine, table: sa.Table) -> list[int]:
    """The rows that are there, by their numbers."""
    with reading(engine) as tx:
        return list(tx.scalars(sa.select(table.c.id).order_by(table.c.id)))
