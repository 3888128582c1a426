"""Which sales a retry is about, and how they are raised. A retry is only a hint: passes decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from console.fulfillments.rows import sale_of
from shared.database import transaction
from shared.inbox import NO_HURRY, NORMAL, raise_hint
from shared.keys import SaleKey
from shared.tables import events, sales

AT_ONCE = 500  # sales a transaction: a web process waits for it no longer than a moment
FEW = 20  # up to so many, somebody waits; more must not delay new sales


@dataclass(frozen=True, slots=True)
class Received:
    """Events by when they came in; None = open. `type` is exact: "invoice.paid"."""

    since: datetime | None
    until: datetime | None
    type: str | None


def sales_of_events(
    connection: Connection, event_ids: Sequence[str]
) -> tuple[set[SaleKey], list[str]]:
    """The sales these events hint at, and a sentence for each event that hints at none."""
    query = sa.select(events.c.event_id, events.c.state, events.c.reason, events.c.sale_id)
    rows = connection.execute(query.where(events.c.event_id.in_(event_ids))).all()
    told = {row.event_id for row in rows}
    faults = [f"{name} never came in here" for name in event_ids if name not in told]
    faults += [f"{r.event_id} was {r.state}: {r.reason}" for r in rows if r.sale_id is None]
    return _keys(connection, {row.sale_id for row in rows if row.sale_id is not None}), faults


def failed_sales(connection: Connection) -> set[SaleKey]:
    """Sales whose last pass failed. Blocked ones are left out: the same pass would block again."""
    query = sa.select(sales).where(sales.c.status == "failed", sales.c.moved_to.is_(None))
    return {sale_of(row) for row in connection.execute(query)}


def sales_received(connection: Connection, received: Received) -> set[SaleKey]:
    """The sales of all events that came in then."""
    query = sa.select(events.c.sale_id).where(events.c.sale_id.is_not(None)).distinct()
    return _keys(connection, set(connection.scalars(received_in(query, received))))


def received_in(query: sa.Select[Any], received: Received) -> sa.Select[Any]:
    """Only events that came in then."""
    if received.since is not None:
        query = query.where(events.c.received_at >= received.since)
    if received.until is not None:
        query = query.where(events.c.received_at < received.until)
    if received.type is not None:
        query = query.where(events.c.type == received.type)
    return query


def batches(keys: Iterable[SaleKey]) -> list[list[SaleKey]]:
    """In the order in which all who raise several lock them, so that none waits for another."""
    ordered = sorted(keys, key=lambda key: (key.account, key.livemode, key.kind, key.id))
    return [ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE)]


def raise_batch(engine: Engine, batch: Sequence[SaleKey], *, now: datetime, total: int) -> None:
    """Make these sales due; a retry of many stands behind new sales in the queue."""
    urgency = NORMAL if total <= FEW else NO_HURRY
    with transaction(engine) as tx:
        for key in batch:
            raise_hint(tx, key, now=now, urgency=urgency)


def _keys(connection: Connection, sale_ids: set[int]) -> set[SaleKey]:
    keys: set[SaleKey] = set()
    ordered = sorted(sale_ids)
    for start in range(0, len(ordered), AT_ONCE):
        some = ordered[start : start + AT_ONCE]
        query = sa.select(sales).where(sales.c.id.in_(some))
        keys |= {sale_of(row) for row in connection.execute(query)}
    return keys
