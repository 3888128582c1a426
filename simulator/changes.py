"""Changes of a subscription's items, worked out first and made afterwards, or never.

What they cost is in prorations; how the API asks for them is in items.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.books import Books
from simulator.shapes.catalog import plan
from simulator.values import EMBEDDED_ROWS, Obj, listing


@dataclass(slots=True)
class Change:
    """The items as they will be, in their order. An item that is missing goes."""

    items: list[Obj]  # copies; an id that is known yet is that item's future
    anchors: dict[str, int] = field(default_factory=dict)  # of items that start anew
    anchor: int | None = None  # the subscription's own, when all start anew
    invoice: str | None = None  # "in_…" that must be paid first


def apply_change(books: Books, subscription: Obj, change: Change) -> None:
    """Make it so. Use inside `changing`, which tells of it."""
    items = books.children(subscription["id"], "items")
    wanted = {item["id"]: item for item in change.items}
    for item in list(items):
        if item["id"] not in wanted:
            items.remove(item)
            books.delete(item)
    for item_id, future in wanted.items():
        found = books.find(item_id)
        if found is None:
            items.append(books.add(future))
        else:
            found.update(future)
    books.agreed.anchors.update(change.anchors)
    if change.anchor is not None:
        subscription["billing_cycle_anchor"] = change.anchor
    show_items(books, subscription)


def priced_item(item: Obj, price: Obj, quantity: int) -> Obj:
    """A copy of the item at another price or quantity."""
    return {**item, "price": price, "plan": plan(price), "quantity": quantity}


def show_items(books: Books, subscription: Obj) -> None:
    """The first ten stand in the subscription, the rest in pages."""
    items = books.children(subscription["id"], "items")
    url, more = subscription["items"]["url"], len(items) > EMBEDDED_ROWS
    subscription["items"] = listing(items[:EMBEDDED_ROWS], url, has_more=more)


def anchor_of(books: Books, subscription: Obj, item: Obj) -> int:
    """What the periods of an item are counted from."""
    common: int = subscription["billing_cycle_anchor"]
    return books.agreed.anchors.get(item["id"], common)
