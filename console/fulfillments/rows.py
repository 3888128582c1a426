"""A page of passes with their events and steps, in three queries whatever its size.

Which passes those are is found by `search`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from console.fulfillments.search import find_passes
from console.fulfillments.values import DEFAULT_LIMIT, Filters, Fulfillment, Page, StepRow
from shared.keys import ObjectKind, SaleKey, StripeId
from shared.tables import events, passes, sales, steps


def read_page(
    connection: Connection,
    filters: Filters,
    *,
    before: int | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page:
    """Passes that fit, newest first. `before` is the `next_cursor` of the page before."""
    # one more than asked for tells whether there is a next page
    found = find_passes(connection, filters, before=before, limit=limit + 1)
    shown = found[:limit]
    return Page(
        rows=tuple(read_fulfillments(connection, shown)),
        next_cursor=shown[-1] if len(found) > limit else None,
    )


def read_fulfillments(connection: Connection, pass_ids: Sequence[int]) -> list[Fulfillment]:
    """The passes with these numbers, newest first; numbers that don't exist are left out."""
    if not pass_ids:
        return []
    query = (
        sa.select(passes, *_SALE).join(sales).where(passes.c.id.in_(pass_ids))
        .order_by(passes.c.id.desc())
    )  # fmt: skip
    told = _steps(connection, pass_ids)
    covered = _events(connection, pass_ids)
    return [
        _fulfillment(row, steps=tuple(told[row.id]), events=tuple(covered[row.id]))
        for row in connection.execute(query)
    ]


_SALE = (sales.c.account, sales.c.livemode, sales.c.kind, sales.c.object_id)


def _steps(connection: Connection, pass_ids: Sequence[int]) -> dict[int, list[StepRow]]:
    query = (
        sa.select(steps).where(steps.c.pass_id.in_(pass_ids)).order_by(steps.c.pass_id, steps.c.id)
    )
    told: dict[int, list[StepRow]] = defaultdict(list)
    for row in connection.execute(query):
        told[row.pass_id].append(StepRow(row.step, row.key, row.status, row.error, row.why))
    return told


def _events(connection: Connection, pass_ids: Sequence[int]) -> dict[int, list[str]]:
    """A pass covers the events of its sale with a generation in (from, to]."""
    covers = sa.and_(
        events.c.sale_id == passes.c.sale_id,
        events.c.generation > passes.c.from_generation,
        events.c.generation <= passes.c.to_generation,
    )
    query = (
        sa.select(passes.c.id, events.c.event_id)
        .join(events, covers)
        .where(passes.c.id.in_(pass_ids))
        .order_by(passes.c.id, events.c.generation, events.c.id)
    )
    covered: dict[int, list[str]] = defaultdict(list)
    for pass_id, event_id in connection.execute(query):
        covered[pass_id].append(event_id)
    return covered


def _fulfillment(
    row: Row[Any], *, steps: tuple[StepRow, ...], events: tuple[str, ...]
) -> Fulfillment:
    return Fulfillment(
        pass_id=row.id,
        sale=sale_of(row),
        events=events,
        status=row.status,
        steps=steps,
        problems=tuple(row.problems or ()),
        customer_id=row.customer_id,
        order_ids=tuple(row.order_ids or ()),
        subscription_id=row.subscription_id,
        license_ids=tuple(row.license_ids or ()),
        started_at=row.started_at,
        finished_at=row.finished_at,
        error=row.error,
    )


def sale_of(row: Row[Any]) -> SaleKey:
    """The key in a row that holds a sale's four columns."""
    kind = cast(ObjectKind, row.kind)
    return SaleKey(row.account, row.livemode, kind, StripeId(row.object_id))
