"""Whose story is it? Any id that a person may have at hand leads to sales, or to a lone event.

Always by index. What a pass read of a sale, down to a charge or an invoice's line, is in
`mentions`.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from console.fulfillments.scope import sales_by_customer, sales_by_object
from shared.mentions import sales_mentioning
from shared.tables import events, links, passes, sales

MOST = 20  # sales told at once; more is a customer's whole life, better read with `fulfill log`
MENTIONED = 1000  # sales looked for by one id: a price may have been sold a million times


@dataclass(frozen=True, slots=True)
class Found:
    """Sales, newest first and `MOST` at the most, and events that belong to no sale."""

    sale_ids: tuple[int, ...] = ()
    event_ids: tuple[int, ...] = ()  # rows of `events`
    more: int = 0  # sales that were left out

    def __bool__(self) -> bool:
        return bool(self.sale_ids or self.event_ids)


def find(connection: Connection, name: str) -> Found:
    """What this id stands for; an empty one when nobody knows it."""
    if name.isdecimal():
        return _found(_by_pass(connection, int(name)))
    if name.startswith("evt_"):
        return _by_event(connection, name)
    direct = sales_by_object(connection, name) | sales_by_customer(connection, name)
    known = direct | _by_record(connection, name)
    if not known:
        known = _by_event_object(connection, name)
    if not known:
        known = sales_mentioning(connection, name, limit=MENTIONED)
    return _found(known) or _ignored_object(connection, name)


def _found(sale_ids: set[int]) -> Found:
    newest = sorted(sale_ids, reverse=True)
    return Found(tuple(newest[:MOST]), more=max(0, len(newest) - MOST))


def _by_pass(connection: Connection, number: int) -> set[int]:
    # larger than both databases can hold: no pass has it
    if number >= 2**63:
        return set()
    return set(connection.scalars(sa.select(passes.c.sale_id).where(passes.c.id == number)))


def _by_event(connection: Connection, event_id: str) -> Found:
    query = sa.select(events.c.id, events.c.sale_id)
    rows = connection.execute(query.where(events.c.event_id == event_id)).all()
    if not rows:
        rows = connection.execute(query.where(events.c.thin_id == event_id)).all()
    found = _found({row.sale_id for row in rows if row.sale_id is not None})
    return found or Found(event_ids=tuple(row.id for row in rows))


def _by_record(connection: Connection, licensekit_id: str) -> set[int]:
    query = sa.select(links.c.sale_id).where(
        links.c.licensekit_id == licensekit_id, links.c.sale_id.is_not(None)
    )
    return set(connection.scalars(query))


def _by_event_object(connection: Connection, object_id: str) -> set[int]:
    query = sa.select(events.c.sale_id).where(
        events.c.object_id == object_id, events.c.sale_id.is_not(None)
    )
    moved = sa.select(sales.c.id, sales.c.moved_to).where(sales.c.id.in_(query))
    return {row.moved_to or row.id for row in connection.execute(moved)}


def _ignored_object(connection: Connection, object_id: str) -> Found:
    query = sa.select(events.c.id).where(events.c.object_id == object_id).limit(MOST)
    return Found(event_ids=tuple(connection.scalars(query)))
