"""The mappings in the database: versions are added, replaced and retired, never rewritten.

Everything here stands inside the caller's transaction. Who waits for a mapping is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mappings.tables import mappings
from mappings.terms import plain_terms, terms_of
from mappings.values import Catalog, Mapping, MappingDraft, MappingKey

State = Literal["current", "replaced", "retired"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One version with its story."""

    mapping: Mapping
    state: State
    set_at: datetime  # UTC
    set_by: str
    ended_at: datetime | None  # UTC; None = it is current
    ended_by: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What a draft does, or would do, to the mappings."""

    draft: MappingDraft
    kind: Literal["new", "changed", "same"]
    before: Mapping | None  # what counts until then


def read_catalog(connection: Connection) -> Catalog:
    """All versions, also those that were replaced or retired."""
    return Catalog(_mapping(row) for row in connection.execute(sa.select(mappings)))


def newest_change(connection: Connection) -> datetime | None:
    """When a mapping was set last, or None while there is none."""
    newest = connection.execute(sa.select(sa.func.max(mappings.c.set_at))).scalar()
    return None if newest is None else _aware(newest)


def read_history(connection: Connection) -> list[Entry]:
    """All versions with who and when, oldest first."""
    rows = connection.execute(sa.select(mappings).order_by(mappings.c.id))
    return [
        Entry(
            mapping=_mapping(row),
            state=row.ending or "current",
            set_at=_aware(row.set_at),
            set_by=row.set_by,
            ended_at=_aware(row.ended_at) if row.ended_at else None,
            ended_by=row.ended_by,
        )
        for row in rows
    ]


def changes_of(catalog: Catalog, drafts: Sequence[MappingDraft]) -> list[Change]:
    """What these drafts would change, in their order. Changes nothing."""
    changes = []
    for draft in drafts:
        before = catalog.current(draft.key)
        same = before is not None and before.draft == draft
        changes.append(Change(draft, "same" if same else "changed" if before else "new", before))
    return changes


def set_mapping(connection: Connection, draft: MappingDraft, *, now: datetime, by: str) -> Mapping:
    """A new version when anything differs from the current one; the current one when nothing does.

    `by` says who, such as "fulfill mappings set"; `now` is aware.
    """
    _lock(connection)
    row = connection.execute(_current_row(draft.key)).one_or_none()
    if row is not None and _mapping(row).draft == draft:
        return _mapping(row)
    if row is not None:
        _end(connection, row.id, "replaced", now=now, by=by)
    inserted = connection.execute(
        sa.insert(mappings).returning(mappings),
        {
            "account": draft.account,
            "livemode": draft.livemode,
            "stripe_price_id": draft.stripe_price_id,
            "stripe_product_id": draft.stripe_product_id,
            "product_id": draft.product_id,
            "policy_id": draft.policy_id,
            # all of them: a default that changes later must not change what was sold
            "terms": plain_terms(draft.terms),
            "set_at": now.astimezone(UTC),
            "set_by": by,
        },
    )
    return _mapping(inserted.one())


def retire_mapping(
    connection: Connection, key: MappingKey, *, now: datetime, by: str
) -> Mapping | None:
    """End the current mapping of a price or product; None when there is none.

    Sales made under it keep its version.
    """
    _lock(connection)
    row = connection.execute(_current_row(key)).one_or_none()
    if row is None:
        return None
    return _end(connection, row.id, "retired", now=now, by=by)


def _lock(connection: Connection) -> None:
    # one writer at a time, so that the newest version of a key also has the highest number;
    # on SQLite a writing transaction is alone anyway
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("LOCK TABLE mappings IN SHARE ROW EXCLUSIVE MODE"))


def _current_row(key: MappingKey) -> sa.Select[Any]:
    sold = mappings.c.stripe_price_id if key.kind == "price" else mappings.c.stripe_product_id
    return sa.select(mappings).where(
        mappings.c.account == key.account,
        mappings.c.livemode == key.livemode,
        sold == key.stripe_id,
        mappings.c.ended_at.is_(None),
    )


def _end(
    connection: Connection, version: int, ending: Literal["replaced", "retired"], *, now: datetime,
    by: str,
) -> Mapping:  # fmt: skip
    ended = connection.execute(
        sa.update(mappings)
        .where(mappings.c.id == version)
        .values(ending=ending, ended_at=now.astimezone(UTC), ended_by=by)
        .returning(mappings)
    )
    return _mapping(ended.one())


def _mapping(row: Any) -> Mapping:
    return Mapping(
        version=row.id,
        account=row.account,
        livemode=row.livemode,
        stripe_price_id=row.stripe_price_id,
        stripe_product_id=row.stripe_product_id,
        product_id=row.product_id,
        policy_id=row.policy_id,
        terms=terms_of(row.terms),
        retired=row.ending == "retired",
    )


def _aware(moment: datetime) -> datetime:
    """UTC, aware. SQLite gives back what was UTC without its zone, PostgreSQL in its own zone."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
