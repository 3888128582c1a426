"""How many sales and buyers wait, and what they paid. Money is told and decides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row

from console.problems.values import Stake
from shared.tables import sales

COUNTED = 1000  # sales a group that are weighed unless all are asked for: a fifth of a second
SHOWN = 10  # ids a group: they fit on a line or two

# what a row must have to be weighed
WEIGHED: tuple[sa.ColumnElement[Any], ...] = (
    sales.c.id.label("sale_id"),
    sales.c.account,
    sales.c.livemode,
    sales.c.object_id,
    sales.c.customer_id,
    sales.c.bought,
)


def weigh(rows: Iterable[Row[Any]], *, more: bool) -> Stake:
    """Each sale counts once, however many rows it has. `more`: there are others, not read."""
    found = {row.sale_id: row for row in rows}
    buyers = {(row.account, row.livemode, row.customer_id or row.sale_id) for row in found.values()}
    paid: Counter[str] = Counter()
    for row in found.values():
        for currency, minor_units in _paid(row.bought):
            paid[currency] += minor_units
    unread = any(row.bought is None for row in found.values())
    return Stake(len(found), len(buyers), +paid, at_least=more or unread)


def _paid(bought: Any) -> Iterator[tuple[str, int]]:
    """What was paid and not given back, as the last pass read it from Stripe."""
    for payment in (bought or {}).get("payments", ()):
        minor_units = payment["amount_minor_units"] - (payment.get("refunded_minor_units") or 0)
        yield payment["currency"], max(0, minor_units)


def first_of(names: Iterable[str], *, everything: bool) -> tuple[str, ...]:
    """The ids to show, each once, in the order they came."""
    found = tuple(dict.fromkeys(names))
    return found if everything else found[:SHOWN]


def cut(rows: Sequence[Row[Any]], *, everything: bool) -> tuple[Sequence[Row[Any]], bool]:
    """At most as many as are weighed, and whether there are more."""
    if everything or len(rows) <= COUNTED:
        return rows, False
    return rows[:COUNTED], True


def most(*, everything: bool) -> int | None:
    """The limit of a query whose rows are cut: one more tells that there are more."""
    return None if everything else COUNTED + 1
