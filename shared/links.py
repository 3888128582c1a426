"""What a Stripe object is in LicenseKit. A link is written before the call that creates.

LicenseKit's creates are not idempotent, so: `intend` and commit; create; `link_up` with the id (and
a license's key, sealed) in one transaction. An intent left open says "look before you create".
"""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, RowMapping

from shared.keys import SaleKey
from shared.tables import escrow, links, sale_terms

LinkKind = Literal["customer", "order", "subscription", "license"]


@dataclass(frozen=True, slots=True)
class Link:
    """One link. `licensekit_id` is None while it is only an intent."""

    id: int
    kind: LinkKind
    stripe_key: str  # "cus_…", "in_…/prod_…", "sub_…/prod_…", "si_…/1"
    licensekit_id: str | None
    mark: str  # stands in the record's metadata too
    written: Mapping[str, Any]
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Intent:
    """What is about to be created. `sale_id` is None for a customer, whom sales share."""

    sale: SaleKey
    sale_id: int | None
    kind: LinkKind
    stripe_key: str
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Created:
    """What LicenseKit made: the record's id, what we wrote to it, and a license's key, sealed."""

    licensekit_id: str
    written: Mapping[str, Any]
    sealed_key: bytes | None = None


def read_links(tx: Connection, sale_id: int) -> list[Link]:
    """The orders, subscriptions and licenses of a sale, open intents too, oldest first."""
    rows = tx.execute(sa.select(links).where(links.c.sale_id == sale_id).order_by(links.c.id))
    return [_link(row) for row in rows.mappings()]


def find_link(tx: Connection, sale: SaleKey, kind: LinkKind, stripe_key: str) -> Link | None:
    """The link of one Stripe object in the sale's account and mode."""
    row = tx.execute(sa.select(links).where(*_named(sale, kind, stripe_key))).mappings().first()
    return _link(row) if row else None


def intend(tx: Connection, intent: Intent, *, now: datetime) -> Link:
    """Write that something is about to be created; an intent or link already there is kept."""
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    tx.execute(
        insert(links)
        .values(
            account=intent.sale.account,
            livemode=intent.sale.livemode,
            kind=intent.kind,
            stripe_key=intent.stripe_key,
            sale_id=intent.sale_id,
            mark=f"mark_{random.token_hex(8)}",
            written={},
            context=dict(intent.context),
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
    found = find_link(tx, intent.sale, intent.kind, intent.stripe_key)
    assert found is not None
    return found


def link_up(tx: Connection, link: Link, created: Created, *, now: datetime) -> None:
    """Write what was created. A license comes with its key, sealed, in the same transaction."""
    tx.execute(
        links.update()
        .where(links.c.id == link.id)
        .values(licensekit_id=created.licensekit_id, written=dict(created.written), linked_at=now)
    )
    if created.sealed_key is not None:
        tx.execute(
            escrow.insert().values(
                licensekit_id=created.licensekit_id,
                link_id=link.id,
                sealed_key=created.sealed_key,
                created_at=now,
            )
        )


def rewrite(tx: Connection, link: Link, changes: Mapping[str, Any]) -> None:
    """Note what was written to the record last; keys not named stay."""
    tx.execute(
        links.update().where(links.c.id == link.id).values(written={**link.written, **changes})
    )


def rewrite_license(tx: Connection, license_id: str, changes: Mapping[str, Any]) -> None:
    """The same, for a license by LicenseKit's id ("lic_…")."""
    found = sa.select(links).where(links.c.licensekit_id == license_id, links.c.kind == "license")
    for row in tx.execute(found).mappings().all():
        rewrite(tx, _link(row), changes)


def read_terms(tx: Connection, sale_id: int) -> dict[str, int]:
    """The mapping version that each price of a sale was sold under."""
    rows = tx.execute(sa.select(sale_terms).where(sale_terms.c.sale_id == sale_id))
    return {row.price_id: row.mapping_version for row in rows}


def keep_terms(tx: Connection, sale_id: int, versions: Mapping[str, int]) -> None:
    """Freeze the mapping version of prices sold now; those already frozen stay as they are."""
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    rows = [
        {"sale_id": sale_id, "price_id": price_id, "mapping_version": version}
        for price_id, version in sorted(versions.items())
    ]
    if rows:
        tx.execute(insert(sale_terms).on_conflict_do_nothing(), rows)


def _named(sale: SaleKey, kind: LinkKind, stripe_key: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        links.c.account == sale.account,
        links.c.livemode == sale.livemode,
        links.c.kind == kind,
        links.c.stripe_key == stripe_key,
    )


def _link(row: RowMapping) -> Link:
    return Link(
        id=row["id"],
        kind=row["kind"],
        stripe_key=row["stripe_key"],
        licensekit_id=row["licensekit_id"],
        mark=row["mark"],
        written=row["written"] or {},
        context=row["context"] or {},
    )
