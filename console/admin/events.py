"""`GET events`: the inbox, newest first. A payload is shown to whoever asks and may do all."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from msgspec import Meta, Struct
from sqlalchemy.engine import Connection, Row

from console.admin.access import require
from console.admin.fulfillments import Cursor, Limit, page_meta
from console.admin.values import Answer, Call, Name
from console.fulfillments.scope import sales_by_object
from console.fulfillments.values import DEFAULT_LIMIT, sale_json, stamp
from shared.database import UtcDateTime, reading
from shared.keys import SaleKey, StripeId
from shared.tables import FETCHED, REFUSED, events, sales

# Numbers and times of receipt rise together but for the clocks of several web processes.
CLOCK_SLACK = timedelta(hours=1)  # no two clocks are further apart

Delivered = Annotated[bool, Meta(description="false: Stripe never delivered it, a sweep did.")]
Payload = Annotated[bool, Meta(description="With what Stripe sent; needs the scope admin.")]
Type = Annotated[Name, Meta(description="Exactly: invoice.paid.")]


class EventsQuery(Struct, frozen=True):
    """All that is given must hold. `since` and `until` are about when an event came in here."""

    type: Type | None = None
    state: Literal["recorded", "ignored", "refused"] | None = None
    sale: Name | None = None
    object: Name | None = None
    delivered: Delivered | None = None
    since: datetime | None = None
    until: datetime | None = None
    payload: Payload = False
    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor | None = None


def list_events(call: Call[EventsQuery, None]) -> Answer:
    """The inbox's rows. Raises HttpError 403 for a payload without the scope admin."""
    asked = call.query
    if asked.payload:
        require(call.caller, "admin")
    with reading(call.desk.engine) as connection:
        # one more than asked for tells whether there is a next page
        rows = connection.execute(_query(connection, asked).limit(asked.limit + 1)).all()
    shown = rows[: asked.limit]
    cursor = shown[-1].number if len(rows) > asked.limit else None
    told = [_plain(row, payload=asked.payload) for row in shown]
    return Answer(told, meta=page_meta(asked.limit, cursor))


# a payload may be a megabyte: read only for whoever asks for it
_COLUMNS = (
    events.c.id.label("number"),
    *(column for column in events.c if column.name not in ("id", "payload")),
    sales.c.kind,
    sales.c.object_id.label("sold"),
)


def _query(connection: Connection, asked: EventsQuery) -> sa.Select[Any]:
    query = sa.select(*_COLUMNS, *([events.c.payload] if asked.payload else []))
    query = query.select_from(events.outerjoin(sales, events.c.sale_id == sales.c.id))
    query = query.order_by(events.c.id.desc())
    if asked.cursor is not None:
        query = query.where(events.c.id < asked.cursor)
    if asked.type is not None:
        query = query.where(events.c.type == asked.type)
    if asked.state is not None:
        refused = asked.state == "refused"
        query = query.where(REFUSED if refused else events.c.state == asked.state)
    if asked.object is not None:
        query = query.where(events.c.object_id == asked.object)
    if asked.sale is not None:
        query = query.where(events.c.sale_id.in_(sales_by_object(connection, asked.sale)))
    if asked.delivered is not None:
        query = query.where(sa.not_(FETCHED) if asked.delivered else FETCHED)
    return _timed(connection, query, asked)


def _timed(connection: Connection, query: sa.Select[Any], asked: EventsQuery) -> sa.Select[Any]:
    """Bounds on the number too, so that neither database walks the whole inbox to find a day."""
    received = events.c.received_at
    # as an expression, which no index serves: else PostgreSQL may sort a month to show fifty rows
    when = sa.func.coalesce(received, received, type_=UtcDateTime())
    numbers = sa.select(events.c.id).limit(1)
    if asked.since is not None:
        older = numbers.where(received < asked.since - CLOCK_SLACK).order_by(received.desc())
        low = connection.scalar(older)
        query = query.where(when >= asked.since, events.c.id > (low or 0))
    if asked.until is not None:
        query = query.where(when < asked.until)
        newer = numbers.where(received > asked.until + CLOCK_SLACK).order_by(received)
        if (high := connection.scalar(newer)) is not None:
            query = query.where(events.c.id < high)
    return query


def _plain(row: Row[Any], *, payload: bool) -> dict[str, Any]:
    told = {
        "number": row.number,
        "event": row.event_id,
        "type": row.type,
        "account": row.account,
        "livemode": row.livemode,
        "api_version": row.api_version,
        "state": row.state,
        "reason": row.reason,
        "object": row.object_id,
        "sale": None if row.sold is None else sale_json(_sale(row)),
        "delivered": row.secret >= 0,
        "created_at": stamp(row.created_at),
        "received_at": stamp(row.received_at),
    }
    return {**told, "payload": _read(row.payload)} if payload else told


def _sale(row: Row[Any]) -> SaleKey:
    # an event's sale is of its account and mode
    return SaleKey(row.account, row.livemode, row.kind, StripeId(row.sold))


def _read(payload: bytes) -> Any:
    """What Stripe sent; None where it is no longer kept."""
    with suppress(ValueError):
        return json.loads(payload)
    return None
