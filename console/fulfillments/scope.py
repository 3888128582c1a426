"""Which sales an id stands for, found by index. Their passes are read elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from console.fulfillments.values import Filters
from shared.keys import parse_key
from shared.tables import events, links, sales


@dataclass(frozen=True, slots=True)
class Scope:
    """The passes of one sale; with a generation only those that cover it."""

    sale_id: int
    generation: int | None = None


def read_scopes(connection: Connection, filters: Filters) -> list[Scope] | None:
    """The sales that all given ids name, or None when no id was given. Empty: nothing fits."""
    wanted: list[set[int]] = []
    if filters.sale is not None:
        wanted.append(sales_by_object(connection, filters.sale))
    if filters.customer is not None:
        wanted.append(sales_by_customer(connection, filters.customer))
    if filters.license is not None:
        wanted.append(sales_by_record(connection, filters.license, "license"))
    if filters.event is not None:
        scopes = _by_event(connection, filters.event)
        return [scope for scope in scopes if all(scope.sale_id in ids for ids in wanted)]
    if not wanted:
        return None
    return [Scope(sale_id) for sale_id in sorted(set.intersection(*wanted))]


def sales_by_object(connection: Connection, name: str) -> set[int]:
    """Sales by Stripe's id or the whole key; an object in hand leads to the sale it moved to."""
    query = sa.select(sales.c.id, sales.c.moved_to)
    if "/" in name:
        try:
            key = parse_key(name)
        except ValueError:
            return set()
        query = query.where(
            sales.c.account == key.account,
            sales.c.livemode == key.livemode,
            sales.c.kind == key.kind,
            sales.c.object_id == key.id,
        )
    else:
        query = query.where(sales.c.object_id == name)
    rows = connection.execute(query).all()
    return {row.id if row.moved_to is None else row.moved_to for row in rows}


def sales_by_customer(connection: Connection, customer: str) -> set[int]:
    """Sales of Stripe's `cus_…`, or of LicenseKit's `cust_…` through its link."""
    keys = [customer]
    if customer.startswith("cust_"):
        keys = list(_stripe_keys(connection, customer))
    if not keys:
        return set()
    query = sa.select(sales.c.id).where(
        # a guest's LicenseKit customer hangs on the session itself
        sa.or_(sales.c.customer_id.in_(keys), sales.c.object_id.in_(keys)),
        sales.c.moved_to.is_(None),
    )
    return set(connection.scalars(query))


def sales_by_record(connection: Connection, licensekit_id: str, kind: str) -> set[int]:
    """Sales that a LicenseKit record of this kind was made for."""
    query = sa.select(links.c.sale_id).where(
        links.c.licensekit_id == licensekit_id, links.c.kind == kind, links.c.sale_id.is_not(None)
    )
    return set(connection.scalars(query))


def _stripe_keys(connection: Connection, customer: str) -> Iterable[str]:
    query = sa.select(links.c.stripe_key).where(
        links.c.licensekit_id == customer, links.c.kind == "customer"
    )
    return connection.scalars(query)


def _by_event(connection: Connection, event_id: str) -> list[Scope]:
    query = sa.select(events.c.sale_id, events.c.generation).where(
        events.c.event_id == event_id, events.c.sale_id.is_not(None)
    )
    return [Scope(row.sale_id, row.generation) for row in connection.execute(query)]
