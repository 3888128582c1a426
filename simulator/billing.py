"""Invoices at once, for what was changed outside the cycle. Renewals are elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.books import Books
from simulator.invoices import draft, finalize, try_to_pay
from simulator.rows import Row
from simulator.updates import changing
from simulator.values import Obj


@dataclass(frozen=True, slots=True)
class Bill:
    """What is to be paid now; what waits for the next invoice joins it."""

    subscription: Obj
    rows: Sequence[Row]
    resumes: bool = False  # the subscription stays paused until it is paid


def settle_now(books: Books, bill: Bill) -> bool:
    """Draft it, finalize it and try to pay it; was it paid?"""
    with changing(books, bill.subscription):
        invoice = draft(books, bill.subscription, bill.rows, "subscription_update")
    if bill.resumes:
        books.agreed.resuming[bill.subscription["id"]] = invoice["id"]
    return collect(books, invoice)


def collect(books: Books, invoice: Obj) -> bool:
    """Finalize a draft and try to pay it, unless collecting is paused; was it paid?"""
    if not invoice["auto_advance"]:
        return False
    finalize(books, invoice)
    return try_to_pay(books, invoice)
