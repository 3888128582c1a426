"""Which passes a page holds, by index only: never a scan or a sort of the whole journal.

Meant for a million passes and more. What a row shows is read by `rows`.
"""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from console.fulfillments.scope import Scope, read_scopes
from console.fulfillments.values import UNTOLD, Filters
from shared.database import UtcDateTime
from shared.tables import passes

# Numbers and start times rise together but for workers' clocks: this far apart at the most.
CLOCK_SLACK = timedelta(hours=1)
SALES_PER_QUERY = 100  # SQLite joins 500 selects at the most

Query = sa.Select[Any]


def find_passes(
    connection: Connection,
    filters: Filters,
    *,
    before: int | None,
    limit: int,
    after: int | None = None,
) -> list[int]:
    """Numbers of the passes that fit, newest first, all lower than `before`, above `after`."""
    scopes = read_scopes(connection, filters)
    narrowed = narrow(connection, filters, before).limit(limit)
    if after is not None:
        narrowed = narrowed.where(passes.c.id > after)
    if scopes is None:
        return list(connection.scalars(narrowed))
    found: list[int] = []
    for start in range(0, len(scopes), SALES_PER_QUERY):
        some = [_within(narrowed, scope) for scope in scopes[start : start + SALES_PER_QUERY]]
        found += connection.scalars(sa.union_all(*some))
    # two events of one pass, or one event in two accounts, may find a pass twice
    return heapq.nlargest(limit, set(found))


def narrow(connection: Connection, filters: Filters, before: int | None) -> Query:
    """All passes by status, time and cursor, newest first; without the ids in `filters`."""
    query = sa.select(passes.c.id).order_by(passes.c.id.desc())
    if before is not None:
        query = query.where(passes.c.id < before)
    if filters.status is not None:
        query = query.where(passes.c.status == filters.status)
    else:
        query = query.where(passes.c.status.not_in(UNTOLD))
    return _timed(connection, query, filters)


def _within(narrowed: Query, scope: Scope) -> Query:
    """One sale's passes, in the order of the index over (sale, number)."""
    query = narrowed.where(passes.c.sale_id == scope.sale_id)
    if scope.generation is not None:
        query = query.where(
            passes.c.from_generation < scope.generation, passes.c.to_generation >= scope.generation
        )
    return sa.select(query.subquery().c.id)


def _timed(connection: Connection, query: Query, filters: Filters) -> Query:
    """Bounds on the number first, so that neither database walks the journal to find a day."""
    # as an expression, which no index serves: else PostgreSQL may read a month by its start
    # times and sort it, to show fifty rows
    started = sa.func.coalesce(passes.c.started_at, passes.c.started_at, type_=UtcDateTime())
    if filters.since is not None:
        query = query.where(started >= filters.since)
        if (low := _last_before(connection, filters.since - CLOCK_SLACK)) is not None:
            query = query.where(passes.c.id > low)
    if filters.until is not None:
        query = query.where(started < filters.until)
        if (high := _first_after(connection, filters.until + CLOCK_SLACK)) is not None:
            query = query.where(passes.c.id < high)
    return query


def _last_before(connection: Connection, moment: datetime) -> int | None:
    return connection.scalar(
        sa.select(passes.c.id)
        .where(passes.c.started_at < moment)
        .order_by(passes.c.started_at.desc(), passes.c.id.desc())
        .limit(1)
    )


def _first_after(connection: Connection, moment: datetime) -> int | None:
    return connection.scalar(
        sa.select(passes.c.id)
        .where(passes.c.started_at > moment)
        .order_by(passes.c.started_at, passes.c.id)
        .limit(1)
    )
