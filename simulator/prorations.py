"""Unused and remaining time: credits and debits for what changes inside a period.

Source: docs.stripe.com/billing/subscriptions/prorations
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

from simulator.amounts import amount_of, rounded
from simulator.books import Books
from simulator.changes import Change, anchor_of
from simulator.clock import last_boundary
from simulator.discounts import cuts
from simulator.rows import Row, full
from simulator.shapes.prorations import waiting_item
from simulator.values import Obj

SAME = ("price", "quantity", "current_period_end")


def rows_of(books: Books, subscription: Obj, change: Change) -> list[Row]:
    """What a change costs, or gives back, if it is made now. Nothing, while it is paused."""
    if subscription["status"] == "paused":
        return []
    before = {item["id"]: item for item in books.children(subscription["id"], "items")}
    after = {item["id"]: item for item in change.items}
    rows = []
    for item_id, old in before.items():
        new = after.get(item_id)
        if new is None or any(old[name] != new[name] for name in SAME):
            rows.append(credit(books, subscription, old))
    for item_id, new in after.items():
        known = before.get(item_id)
        if known is None or any(known[name] != new[name] for name in SAME):
            rows.append(_debit(books, subscription, new, known, change))
    return [row for row in rows if row is not None]


def credit(books: Books, subscription: Obj, item: Obj) -> Row | None:
    """For the unused time of what was billed; None in a trial and at a period's end."""
    anchor = anchor_of(books, subscription, item)
    return _part(books, subscription, item, anchor, sign=-1)


def debit(books: Books, subscription: Obj, item: Obj) -> Row | None:
    """For the time that is left of the period."""
    anchor = anchor_of(books, subscription, item)
    return _part(books, subscription, item, anchor, sign=1)


def hold(books: Books, subscription: Obj, rows: Sequence[Row]) -> None:
    """Keep them for the subscription's next invoice, as invoice items."""
    for row in rows:
        item = books.add(waiting_item(books, subscription, row.item, row.amount))
        item["description"] = row.description
        books.emit("invoiceitem.created", item)
        waiting = books.agreed.waiting.setdefault(subscription["id"], [])
        waiting.append(replace(row, invoice_item=item["id"]))


def _debit(
    books: Books, subscription: Obj, new: Obj, old: Obj | None, change: Change
) -> Row | None:
    """A period that starts now is billed in full; one that runs already, in part."""
    if subscription["status"] == "trialing":
        return None
    if old is not None and old["current_period_end"] != new["current_period_end"]:
        return full(books, new)
    anchor = change.anchors.get(new["id"]) or anchor_of(books, subscription, new)
    return _part(books, subscription, new, anchor, sign=1)


def _part(books: Books, subscription: Obj, item: Obj, anchor: int, *, sign: int) -> Row | None:
    end, terms = item["current_period_end"], item["price"]["recurring"]
    if end <= books.now or subscription["status"] == "trialing":
        return None
    start = last_boundary(anchor, terms["interval"], terms["interval_count"], end)
    share = Fraction(end - max(books.now, start), end - start)
    whole = amount_of(books, item["price"], item["quantity"])
    discounts = [books.get("discount", one) for one in subscription["discounts"]]
    net = whole - sum(cut["amount"] for cut in cuts(books, discounts, whole))
    return Row(
        {**item, "current_period_start": books.now},
        sign * rounded(net * share),
        proration=True,
        description=_described(item, books.now, sign),
    )


def _described(item: Obj, now: int, sign: int) -> str:
    price = item["price"]
    what = f"{item['quantity']} × {price['nickname'] or price['id']}"
    kind = "Remaining" if sign > 0 else "Unused"
    return f"{kind} time on {what} after {datetime.fromtimestamp(now, UTC):%d %b %Y}"
