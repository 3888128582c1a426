"""Which sales a retry is about, and how they are raised. A retry is only a hint: passes decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from console.audit import Deed, note
from console.fulfillments.rows import sale_of
from console.fulfillments.scope import sales_by_customer, sales_by_object
from console.fulfillments.values import Status
from shared.database import transaction
from shared.inbox import NO_HURRY, NORMAL, raise_hint
from shared.keys import SaleKey
from shared.tables import events, problems, sales

AT_ONCE = 500  # sales a transaction: a web process waits for it no longer than a moment
FEW = 20  # up to so many, somebody waits; more must not delay new sales
# Numbers and moments of events rise together but for the receivers' clocks: so far apart at most.
CLOCK_SLACK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Received:
    """Events by when they came in; None = open. `type` is exact: "invoice.paid"."""

    since: datetime | None = None
    until: datetime | None = None
    type: str | None = None

    def __bool__(self) -> bool:
        return self != Received()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is given narrows the rest; of several events or statuses any one will do.

    `events` and `received` are about one and the same event of a sale. A sale's status is that of
    its last closed pass. Nothing given means nothing, not everything.
    """

    events: tuple[str, ...] = ()  # "evt_…"
    sale: str | None = None  # "sub_…", or the whole key
    customer: str | None = None  # Stripe's "cus_…" or LicenseKit's "cust_…"
    statuses: tuple[Status, ...] = ()
    received: Received = Received()
    cause: str | None = None  # of an open problem: "guard"

    @property
    def by_sale(self) -> bool:
        """Whether anything of the sale itself is asked for, not only of its events."""
        named = (self.sale, self.customer, self.cause)
        return bool(self.statuses) or any(one is not None for one in named)

    def __bool__(self) -> bool:
        return self != Wanted()


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sale that a retry is about, and how its last pass ended; None = none has closed yet."""

    key: SaleKey
    status: str | None


def choose_sales(connection: Connection, wanted: Wanted) -> set[SaleKey]:
    """The sales that fit, found by index also among a million events."""
    return {one.key for one in read_chosen(connection, wanted)}


def read_chosen(connection: Connection, wanted: Wanted) -> list[Chosen]:
    """The same with their statuses, in the order in which they are raised."""
    if not wanted:
        return []
    named = _named(connection, wanted)
    by_event = bool(wanted.events) or not wanted.by_sale
    if by_event:
        heard = _heard(connection, wanted)
        named = heard if named is None else named & heard
    query = sa.select(sales)
    if wanted.statuses:
        query = query.where(sales.c.status.in_(wanted.statuses), sales.c.moved_to.is_(None))
    if wanted.cause is not None:
        waiting = sa.select(problems.c.sale_id).where(problems.c.cause == wanted.cause)
        query = query.where(sales.c.id.in_(waiting))
    if wanted.received and not by_event:
        event = sa.select(events.c.id).where(events.c.sale_id == sales.c.id)
        query = query.where(received_in(connection, event, wanted.received).exists())
    found = {Chosen(sale_of(row), row.status) for row in _rows(connection, query, named)}
    return sorted(found, key=lambda one: _place(one.key))


def sales_of_events(
    connection: Connection, event_ids: Sequence[str]
) -> tuple[set[SaleKey], list[str]]:
    """The sales these events hint at, and a sentence for each event that hints at none."""
    query = sa.select(events.c.event_id, events.c.state, events.c.reason, events.c.sale_id)
    rows = connection.execute(query.where(events.c.event_id.in_(event_ids))).all()
    told = {row.event_id for row in rows}
    faults = [f"{name} never came in here" for name in event_ids if name not in told]
    faults += [f"{r.event_id} was {r.state}: {r.reason}" for r in rows if r.sale_id is None]
    named = {row.sale_id for row in rows if row.sale_id is not None}
    return {sale_of(row) for row in _rows(connection, sa.select(sales), named)}, faults


def received_in(
    connection: Connection, query: sa.Select[Any], received: Received
) -> sa.Select[Any]:
    """Only events that came in then. Bounds on the number too, so that the index over types is
    not walked for years to find an hour.
    """
    if received.since is not None:
        query = query.where(events.c.received_at >= received.since)
        before = sa.select(events.c.id).where(events.c.received_at < received.since - CLOCK_SLACK)
        low = connection.scalar(before.order_by(events.c.received_at.desc()).limit(1))
        query = query if low is None else query.where(events.c.id > low)
    if received.until is not None:
        query = query.where(events.c.received_at < received.until)
        after = sa.select(events.c.id).where(events.c.received_at > received.until + CLOCK_SLACK)
        high = connection.scalar(after.order_by(events.c.received_at).limit(1))
        query = query if high is None else query.where(events.c.id < high)
    if received.type is not None:
        query = query.where(events.c.type == received.type)
    return query


def batches(keys: Iterable[SaleKey]) -> list[list[SaleKey]]:
    """In the order in which all who raise several lock them, so that none waits for another."""
    ordered = sorted(keys, key=_place)
    return [ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE)]


def raise_batch(
    engine: Engine,
    batch: Sequence[SaleKey],
    *,
    now: datetime,
    total: int,
    deed: Deed | None = None,
) -> None:
    """Make these sales due; a retry of many stands behind new sales in the queue.

    `deed` is written in the same transaction.
    """
    urgency = NORMAL if total <= FEW else NO_HURRY
    with transaction(engine) as tx:
        for key in batch:
            raise_hint(tx, key, now=now, urgency=urgency)
        if deed is not None:
            note(tx, deed, now=now)


def _named(connection: Connection, wanted: Wanted) -> set[int] | None:
    """The sales that the ids name, or None where no id of a sale or a customer was given."""
    found: list[set[int]] = []
    if wanted.sale is not None:
        found.append(sales_by_object(connection, wanted.sale))
    if wanted.customer is not None:
        found.append(sales_by_customer(connection, wanted.customer))
    return set.intersection(*found) if found else None


def _heard(connection: Connection, wanted: Wanted) -> set[int]:
    """The sales that these events, or the events of then, hint at."""
    query = sa.select(events.c.sale_id).where(events.c.sale_id.is_not(None)).distinct()
    if wanted.events:
        query = query.where(events.c.event_id.in_(wanted.events))
    return set(connection.scalars(received_in(connection, query, wanted.received)))


def _rows(
    connection: Connection, query: sa.Select[Any], named: set[int] | None
) -> Iterator[Row[Any]]:
    """All that fit; with ids some at a time, for both databases limit the length of a list."""
    if named is None:
        yield from connection.execute(query)
        return
    ordered = sorted(named)
    for start in range(0, len(ordered), AT_ONCE):
        yield from connection.execute(query.where(sales.c.id.in_(ordered[start : start + AT_ONCE])))


def _place(key: SaleKey) -> tuple[object, ...]:
    return (key.account, key.livemode, key.kind, key.id)
