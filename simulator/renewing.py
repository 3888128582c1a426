"""The next period of what renews, with its draft. When that is due is elsewhere."""

from __future__ import annotations

from simulator.books import Books
from simulator.changes import anchor_of
from simulator.clock import next_boundary
from simulator.invoices import draft
from simulator.rows import full
from simulator.updates import changing
from simulator.values import Obj


def renew(books: Books, subscription: Obj) -> None:
    """Items whose period is over get the next one, all on one draft."""
    with changing(books, subscription):
        due = [
            item
            for item in books.children(subscription["id"], "items")
            if item["current_period_end"] <= books.now
        ]
        for item in due:
            next_period(books, subscription, item, item["current_period_end"])
        if subscription["status"] == "trialing":
            subscription["status"] = "active"
        draft(books, subscription, [full(books, item) for item in due], "subscription_cycle")


def next_period(books: Books, subscription: Obj, item: Obj, start: int) -> None:
    """The period that begins then, up to the next boundary."""
    terms = item["price"]["recurring"]
    anchor = anchor_of(books, subscription, item)
    end = next_boundary(anchor, terms["interval"], terms["interval_count"], start)
    item.update(current_period_start=start, current_period_end=end)
