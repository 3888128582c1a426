"""What a sweep has found so far: one row a sale, kept until the sweep is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from shared.keys import SaleKey, StripeId
from shared.tables import sweep_sales

# found: not yet looked at. rest: nothing to do. due: to be raised. moved: another sale's object
State = Literal["found", "rest", "due", "raised", "moved"]
ORDER = (
    sweep_sales.c.account,
    sweep_sales.c.livemode,
    sweep_sales.c.kind,
    sweep_sales.c.object_id,
)


def keep(
    tx: Connection,
    sweep_id: int,
    keys: Iterable[SaleKey],
    state: State = "found",
    seen: Mapping[str, Any] | None = None,
) -> None:
    """Write these sales down, unless they are already."""
    rows = [{**_named(key), "sweep_id": sweep_id, "state": state, "seen": seen} for key in keys]
    if rows:
        insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
        tx.execute(insert(sweep_sales).on_conflict_do_nothing(), rows)


def write(
    tx: Connection, sweep_id: int, key: SaleKey, state: State, seen: Mapping[str, Any] | None
) -> None:
    """What became of one that was written down."""
    tx.execute(sweep_sales.update().where(*_mine(sweep_id, key)).values(state=state, seen=seen))


def some(tx: Connection, sweep_id: int, state: State, limit: int) -> list[SaleKey]:
    """Some sales in this state, in the order in which all who raise several lock them."""
    query = sa.select(sweep_sales).where(*_in(sweep_id, state)).order_by(*ORDER).limit(limit)
    return [_key(row) for row in tx.execute(query)]


def how_many(tx: Connection, sweep_id: int) -> dict[str, int]:
    """Sales by state."""
    mine = sweep_sales.c.sweep_id == sweep_id
    query = sa.select(sweep_sales.c.state, sa.func.count()).where(mine)
    return {row[0]: row[1] for row in tx.execute(query.group_by(sweep_sales.c.state))}


def all_seen(tx: Connection, sweep_id: int) -> Iterator[Mapping[str, Any]]:
    """What was seen of each sale that is not at rest."""
    shown = sweep_sales.c.state.in_(("due", "raised"))
    query = sa.select(sweep_sales.c.seen).where(sweep_sales.c.sweep_id == sweep_id, shown)
    for row in tx.execute(query.order_by(*ORDER), execution_options={"yield_per": 1_000}):
        yield row.seen


def raised(tx: Connection, sweep_id: int, keys: Sequence[SaleKey]) -> None:
    """These are due now."""
    for key in keys:
        tx.execute(sweep_sales.update().where(*_mine(sweep_id, key)).values(state="raised"))


def _mine(sweep_id: int, key: SaleKey) -> list[sa.ColumnElement[bool]]:
    named = [sweep_sales.c[name] == value for name, value in _named(key).items()]
    return [sweep_sales.c.sweep_id == sweep_id, *named]


def _in(sweep_id: int, state: State) -> tuple[sa.ColumnElement[bool], ...]:
    return sweep_sales.c.sweep_id == sweep_id, sweep_sales.c.state == state


def _named(key: SaleKey) -> dict[str, Any]:
    return {
        "account": key.account,
        "livemode": key.livemode,
        "kind": key.kind,
        "object_id": key.id,
    }


def _key(row: Row[Any]) -> SaleKey:
    return SaleKey(row.account, row.livemode, row.kind, StripeId(row.object_id))
