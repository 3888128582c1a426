"""What a Stripe object is in LicenseKit. A link is written before the call that creates.

LicenseKit's creates are not idempotent, so: `intend` and commit; create; `link_up` with the id (and
a license's key, sealed) in one transaction. An intent left open says "look before you create".
"""

from __future__ import annotations

import secrets as random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, RowMapping

from shared.keys import SaleKey, StripeId
from shared.tables import decisions, escrow, links, sale_terms, sales

AT_ONCE = 500  # ids in one question: SQLite takes no more than some thousands

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


@dataclass(frozen=True, slots=True)
class SoldUnder:
    """The prices of one sale that were sold under one mapping version."""

    sale_id: int
    key: SaleKey
    price_ids: tuple[str, ...]


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


def rewrite_record(
    tx: Connection, kind: LinkKind, licensekit_id: str, changes: Mapping[str, Any]
) -> None:
    """The same, for a record by LicenseKit's id ("lic_…"), unless another sale took it over."""
    for link in _links_of(tx, kind, licensekit_id):
        rewrite(tx, link, changes)


def intend_change(tx: Connection, license_id: str, changes: Mapping[str, Any]) -> None:
    """Write what is about to be done to a license, so that a crash does not make it a person's."""
    for link in _links_of(tx, "license", license_id):
        rewrite(tx, link, {"intended": {**link.written.get("intended", {}), **changes}})


def note_change(tx: Connection, license_id: str, changes: Mapping[str, Any]) -> None:
    """Write what was done to a license; the intents of it are settled."""
    for link in _links_of(tx, "license", license_id):
        intended = link.written.get("intended", {})
        left = {name: value for name, value in intended.items() if name not in changes}
        rewrite(tx, link, {**changes, "intended": left})


def note_feature(
    tx: Connection, license_id: str, feature_id: str, limit: int | None, *, given: bool
) -> None:
    """Write that a license carries a feature that we gave it, or carries it no longer."""
    for link in _links_of(tx, "license", license_id):
        features = dict(link.written.get("features", {}))
        features.pop(feature_id, None)
        rewrite(tx, link, {"features": features | ({feature_id: limit} if given else {})})


def left_licenses(tx: Connection, sale: SaleKey, customer_id: str) -> list[tuple[Link, StripeId]]:
    """Licenses of the customer's other subscriptions, each with that subscription, oldest first.

    Not of one that a person decided about: its licenses are their case.
    """
    open_now = decisions.c.released_at.is_(None)
    decided = sa.exists().where(decisions.c.sale_id == sales.c.id, open_now)
    query = (
        sa.select(links, sales.c.object_id)
        .join(sales, sales.c.id == links.c.sale_id)
        .where(
            sales.c.account == sale.account,
            sales.c.livemode == sale.livemode,
            sales.c.kind == "subscription",
            sales.c.customer_id == customer_id,
            sales.c.object_id != sale.id,
            links.c.kind == "license",
            links.c.licensekit_id.is_not(None),
            ~decided,
        )
        .order_by(links.c.id)
    )
    return [(_link(row), StripeId(row["object_id"])) for row in tx.execute(query).mappings()]


def take_over(tx: Connection, link: Link, license_id: str, *, now: datetime) -> bool:
    """Give a license of an ended sale to this link; False where another sale was faster."""
    for old in _links_of(tx, "license", license_id):
        if old.id != link.id:
            written = {name: v for name, v in old.written.items() if name != "intended"}
            link_up(tx, link, Created(license_id, written), now=now)
            rewrite(tx, old, {"moved_to": link.stripe_key})
            return True
    return False


def is_taken(tx: Connection, kind: LinkKind, licensekit_id: str) -> bool:
    """Whether a record has a link that counts. Two who ask at once do it one after the other."""
    if tx.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(licensekit_id))))
    return bool(_links_of(tx, kind, licensekit_id))


def read_taken(tx: Connection, licensekit_ids: Collection[str]) -> dict[str, str]:
    """The Stripe keys of those licenses that have a link that counts."""
    found: dict[str, str] = {}
    ordered = sorted(licensekit_ids)
    for start in range(0, len(ordered), AT_ONCE):
        some = links.c.licensekit_id.in_(ordered[start : start + AT_ONCE])
        rows = tx.execute(sa.select(links).where(some, links.c.kind == "license")).mappings()
        mine = [link for link in map(_link, rows) if "moved_to" not in link.written]
        found |= {str(link.licensekit_id): link.stripe_key for link in mine}
    return found


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


def move_terms(tx: Connection, sale_id: int, price_id: str, *, old: int, new: int) -> bool:
    """Let a sold price go on under another mapping version; False where `old` is not its own."""
    row = sale_terms.update().where(
        sale_terms.c.sale_id == sale_id,
        sale_terms.c.price_id == price_id,
        sale_terms.c.mapping_version == old,
    )
    return tx.execute(row.values(mapping_version=new)).rowcount == 1


def read_sold_under(tx: Connection, version: int) -> list[SoldUnder]:
    """Every sale of which a price was sold under this mapping version, oldest first."""
    query = (
        sa.select(sales, sale_terms.c.price_id)
        .join(sale_terms, sale_terms.c.sale_id == sales.c.id)
        .where(sale_terms.c.mapping_version == version)
        .order_by(sales.c.id, sale_terms.c.price_id)
    )
    found: dict[int, SoldUnder] = {}
    for row in tx.execute(query):
        key = SaleKey(row.account, row.livemode, row.kind, StripeId(row.object_id))
        before = found.get(row.id, SoldUnder(row.id, key, ()))
        found[row.id] = replace(before, price_ids=(*before.price_ids, row.price_id))
    return list(found.values())


def _links_of(tx: Connection, kind: LinkKind, licensekit_id: str) -> list[Link]:
    """The links to a record that count, locked until the end of the transaction."""
    found = sa.select(links).where(links.c.licensekit_id == licensekit_id, links.c.kind == kind)
    rows = tx.execute(found.with_for_update()).mappings().all()
    return [link for link in map(_link, rows) if "moved_to" not in link.written]


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
