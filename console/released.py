"""Events that were kept without a sale, and whose mode or account is served now. They are read
again from what Stripe delivered, as the receiver reads them, and make their sale due after all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from console.retries import AT_ONCE, Received, Wanted, received_in
from shared.database import reading, transaction
from shared.events.parsing import NotAnEvent, Served, read_delivery
from shared.inbox import Delivery, raise_hint
from shared.keys import SaleKey
from shared.tables import REFUSED, events, sales

WITHOUT_SALE = events.c.sale_id.is_(None)


def release_named(
    connection: Connection, event_ids: Sequence[str], served: Served, *, now: datetime
) -> None:
    """Read these events again; what is still refused or ignored stays so, with today's reason."""
    _release(connection, events.c.event_id.in_(event_ids), served, now)


def release_received(engine: Engine, received: Received, served: Served, *, now: datetime) -> None:
    """The same for all refused events that came in then, some at a time."""
    refused = sa.select(events.c.id).where(REFUSED)
    with reading(engine) as connection:
        query = received_in(connection, refused, received).order_by(events.c.id)
        found = list(connection.scalars(query))
    for start in range(0, len(found), AT_ONCE):
        with transaction(engine) as tx:
            _release(tx, events.c.id.in_(found[start : start + AT_ONCE]), served, now)


def read_releasable(connection: Connection, wanted: Wanted, served: Served) -> dict[str, SaleKey]:
    """The sales that such events would make due now, by event id. Changes nothing."""
    query = sa.select(events).where(WITHOUT_SALE)
    if wanted.events:
        query = query.where(events.c.event_id.in_(wanted.events))
    else:
        query = received_in(connection, query.where(REFUSED), wanted.received)
    found = connection.execute(query.execution_options(yield_per=AT_ONCE))
    read = [(row.event_id, delivery) for row in found if (delivery := _read_again(row, served))]
    return {event_id: one.key for event_id, one in read if one.key is not None}


def _release(
    connection: Connection, which: sa.ColumnElement[bool], served: Served, now: datetime
) -> None:
    rows = connection.execute(sa.select(events).where(which, WITHOUT_SALE).with_for_update())
    read = [(row.id, delivery) for row in rows if (delivery := _read_again(row, served))]
    # in the order in which all who raise several lock them, so that none waits for another
    for event_id, delivery in sorted(read, key=lambda one: _place(one[1].key)):
        values: dict[str, Any] = {"state": delivery.state, "reason": delivery.reason}
        if delivery.key is not None:
            wanted = raise_hint(connection, delivery.key, now=now, urgency=delivery.urgency)
            values |= {"sale_id": _sale_id(connection, delivery.key), "generation": wanted}
        connection.execute(sa.update(events).where(events.c.id == event_id).values(values))


def _read_again(row: Row[Any], served: Served) -> Delivery | None:
    try:
        return read_delivery(row.payload, secret=row.secret, served=served, now=row.received_at)
    except NotAnEvent:  # kept by another release, in a shape of its own
        return None


def _place(key: SaleKey | None) -> tuple[object, ...]:
    return () if key is None else (key.account, key.livemode, key.kind, key.id)


def _sale_id(connection: Connection, key: SaleKey) -> int:
    named = {"account": key.account, "livemode": key.livemode, "kind": key.kind}
    query = sa.select(sales.c.id).filter_by(**named, object_id=key.id)
    return int(connection.execute(query).scalar_one())
