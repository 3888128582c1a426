"""Reads and writes rows that look like the contract's resources; their rules are elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa

from licensing.call import Call, Data, record
from licensing.decoding import NUL, read_limit
from licensing.errors import not_found
from licensing.identifiers import new_id

Row = dict[str, Any]


def find(call: Call, table: sa.Table, key: str, *, lock: bool = False) -> Row:
    """The row with this id; `lock` keeps it ours until the end. Raises a 404."""
    query = sa.select(table).where(table.c.id == key)
    found = None if NUL in key else call.tx.execute(_locked(query, lock)).mappings().first()
    if found is None:
        raise not_found(name_of(table), key.replace(NUL, ""))
    return dict(found)


def create(call: Call, table: sa.Table, prefix: str, values: Row) -> Row:
    """Insert with a fresh id and stamps, leave the audit row, return the whole row."""
    stamps = {name: call.now for name in ("created_at", "updated_at") if name in table.c}
    statement = sa.insert(table).values({**values, **stamps, "id": new_id(prefix)})
    row = dict(call.tx.execute(statement.returning(table)).mappings().one())
    record(call, f"{name_of(table)}.created", row["id"])
    return row


def change(
    call: Call, table: sa.Table, key: str, values: Row, event: str = "updated", **facts: Any
) -> Row:
    """Update one row, leave the audit row, return the whole row."""
    statement = sa.update(table).where(table.c.id == key)
    changed = statement.values({**values, "updated_at": call.now}).returning(table)
    row = dict(call.tx.execute(changed).mappings().one())
    record(call, f"{name_of(table)}.{event}", key, facts or {"fields": sorted(values)})
    return row


def remove(call: Call, table: sa.Table, key: str) -> None:
    """Delete one row; a row that others link to stays, the database sees to it."""
    find(call, table, key, lock=True)
    call.tx.execute(sa.delete(table).where(table.c.id == key))
    record(call, f"{name_of(table)}.deleted", key)


def newest(call: Call, table: sa.Table, *conditions: sa.ColumnElement[bool]) -> list[Row]:
    """The newest rows first, as many as the query's `limit` allows. Ids sort by time."""
    query = sa.select(table).where(*conditions).order_by(table.c.id.desc())
    found = call.tx.execute(query.limit(read_limit(call.query))).mappings()
    return [dict(row) for row in found]


def newest_of_parent(call: Call, table: sa.Table, column: str = "product_id") -> list[Data]:
    """The list below `/products/{id}`: empty for an unknown product, the contract has no 404."""
    if NUL in call.id:
        return []
    return [present(table, row) for row in newest(call, table, table.c[column] == call.id)]


def present(table: sa.Table, row: Mapping[str, Any]) -> Data:
    """A row as the contract shows it: without hidden columns and without empty ones."""
    return {name: row[name] for name in shown(table) if row[name] is not None}


@cache
def shown(table: sa.Table) -> tuple[str, ...]:
    """The columns that an answer may show."""
    return tuple(column.name for column in table.c if not column.info.get("hidden"))


@cache
def name_of(table: sa.Table) -> str:
    """`licensekit_policies` -> `policy`: how errors and audit rows call it."""
    plural = table.name.removeprefix("licensekit_")
    return plural[:-3] + "y" if plural.endswith("ies") else plural.removesuffix("s")


def _locked(query: sa.Select[Any], lock: bool) -> sa.Select[Any]:
    return query.with_for_update() if lock else query
