"""Rows: the lines that an invoice will have, before there is one."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.amounts import amount_of
from simulator.books import Books
from simulator.values import Obj


@dataclass(frozen=True, slots=True)
class Row:
    """One line to be."""

    item: Obj  # the price, the quantity and the period that the line tells
    amount: int  # minor units, before a discount; of a proration, what is left after it
    proration: bool = False
    invoice_item: str | None = None  # "ii_…" of what waited for this invoice
    description: str | None = None


def full(books: Books, item: Obj) -> Row:
    """The whole current period of an item."""
    return Row(item, amount_of(books, item["price"], item["quantity"]))


def free(item: Obj) -> Row:
    """The trial of an item costs nothing."""
    price = item["price"]
    return Row(item, 0, description=f"Trial period for {price['nickname'] or price['id']}")
