"""What `items[]` of an update asks for, as a change to be made. Costs are in prorations."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.books import Books
from simulator.changes import Change, priced_item
from simulator.clock import boundary
from simulator.errors import bad_parameter
from simulator.metadata import merged
from simulator.params import Params
from simulator.shapes import subscriptions as shapes
from simulator.values import Obj

Terms = tuple[str, int]  # interval and count


def asked_change(books: Books, subscription: Obj, rows: Sequence[Obj]) -> Change:
    """Rows of {id, price, quantity, deleted, metadata}; one without id is a new item."""
    change = Change([dict(item) for item in books.children(subscription["id"], "items")])
    for row in rows:
        asked = Params(row)
        if (item_id := asked.text("id")) is None:
            change.items.append(_added(books, subscription, change, asked))
        else:
            _alter(books, subscription, change, item_id, asked)
        asked.refuse_unknown()
    if not change.items:
        raise bad_parameter("items", "A subscription must have at least one active plan.")
    if change.anchors and {item["id"] for item in change.items} == set(change.anchors):
        change.anchor = books.now
    return change


def terms_of(price: Obj) -> Terms:
    recurring = price["recurring"]
    return recurring["interval"], recurring["interval_count"]


def _alter(books: Books, subscription: Obj, change: Change, item_id: str, asked: Params) -> None:
    place = _place(change, item_id)
    item = change.items[place]
    price = _price(books, subscription, asked.text("price") or item["price"]["id"])
    future = priced_item(item, price, asked.number("quantity", item["quantity"]))
    future["metadata"] = merged(item["metadata"], asked.take("metadata") or {})
    if terms_of(price) != terms_of(item["price"]) and subscription["status"] != "trialing":
        end = boundary(books.now, *terms_of(price), 1)
        future.update(current_period_start=books.now, current_period_end=end)
        change.anchors[item_id] = books.now
    change.items[place] = future
    if asked.flag("deleted", default=False):
        del change.items[place]


def _added(books: Books, subscription: Obj, change: Change, asked: Params) -> Obj:
    price = _price(books, subscription, asked.needed("price"))
    if any(item["price"] is price for item in change.items):
        text = f"Cannot add multiple subscription items with the same plan: {price['id']}"
        raise bad_parameter("items", text)
    added = shapes.item(books, subscription, price, asked.number("quantity", 1))
    added["metadata"] = merged({}, asked.take("metadata") or {})
    return added


def _place(change: Change, item_id: str) -> int:
    for place, item in enumerate(change.items):
        if item["id"] == item_id:
            return place
    raise bad_parameter("items[0][id]", f"No such subscription item: '{item_id}'")


def _price(books: Books, subscription: Obj, price_id: str) -> Obj:
    price = books.refer("price", price_id, "items[0][price]")
    if price["recurring"] is None:
        raise bad_parameter("items[0][price]", "The price specified is not a recurring price.")
    if price["currency"] != subscription["currency"]:
        text = f"The price specified only supports `{price['currency']}`."
        raise bad_parameter("items[0][price]", text)
    return price
