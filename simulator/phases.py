"""The phases of a schedule, as a request writes them. When they begin is in schedules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.books import Books
from simulator.clock import boundary, next_boundary
from simulator.errors import bad_parameter
from simulator.items import Terms, terms_of
from simulator.metadata import merged
from simulator.params import Params
from simulator.shapes import schedules as shapes
from simulator.values import Obj

# What a phase may also say and what changes nothing here.
UNUSED = (
    *("automatic_tax", "billing_cycle_anchor", "collection_method", "currency", "description"),
    *("default_payment_method", "default_tax_rates", "discounts", "invoice_settings"),
)


def read_phases(books: Books, rows: Sequence[Any], start: int, anchor: int = 0) -> list[Obj]:
    """Each begins when the one before ends; charges are counted from the anchor."""
    phases: list[Obj] = []
    for row in rows:
        phase = _read(books, Params(row), phases[-1]["end_date"] if phases else start, anchor)
        phases.append(phase)
    return phases


def mirrored(books: Books, subscription: Obj) -> Obj:
    """The period that runs now, as a phase."""
    items = books.children(subscription["id"], "items")
    rows = [
        shapes.phase_item(item["price"]["id"], item["quantity"], dict(item["metadata"]))
        for item in items
    ]
    start = min(item["current_period_start"] for item in items)
    end = min(item["current_period_end"] for item in items)
    phase = shapes.phase(subscription["currency"], rows, start, end)
    trial = subscription["status"] == "trialing"
    return phase | {"trial_end": subscription["trial_end"] if trial else None}


def wanted_items(books: Books, subscription: Obj, phase: Obj) -> list[Obj]:
    """As `items[]` of an update: the same price keeps its item, others change place by place."""
    left = list(books.children(subscription["id"], "items"))
    kept: dict[int, Obj] = {}
    for place, row in enumerate(phase["items"]):
        same = [item for item in left if item["price"]["id"] == row["price"]]
        if same:
            kept[place] = same[0]
            left.remove(same[0])
    rows = []
    for place, row in enumerate(phase["items"]):
        wanted = {name: row[name] for name in ("price", "quantity")}
        item = kept.get(place) or (left.pop(0) if left else None)
        rows.append({**wanted, "id": item["id"]} if item else wanted)
    return [*({"id": item["id"], "deleted": True} for item in left), *rows]


def _read(books: Books, asked: Params, start: int, anchor: int) -> Obj:
    for name in UNUSED:
        asked.take(name)
    start = asked.number("start_date", start)
    rows = asked.rows("items")
    items = [_item(books, Params(row)) for row in rows]
    if not items:
        raise bad_parameter("phases[0][items]", "A phase needs at least one item.")
    price = books.get("price", items[0]["price"])
    end = _end(asked, price, start, anchor)
    if end <= start:
        raise bad_parameter("phases[0][end_date]", "A phase must end after it starts.")
    phase = shapes.phase(price["currency"], items, start, end)
    trial = asked.flag("trial", default=False)
    phase["trial_end"] = end if trial else asked.number("trial_end", 0) or None
    phase["proration_behavior"] = asked.text("proration_behavior", "create_prorations")
    phase["metadata"] = merged({}, asked.take("metadata") or {})
    asked.refuse_unknown()
    return phase


def _item(books: Books, asked: Params) -> Obj:
    price = books.refer("price", asked.needed("price"), "phases[0][items][0][price]")
    if price["recurring"] is None:
        raise bad_parameter("phases[0][items]", "The price specified is not a recurring price.")
    quantity, metadata = asked.number("quantity", 1), merged({}, asked.take("metadata") or {})
    asked.refuse_unknown()
    return shapes.phase_item(price["id"], quantity, metadata)


def _end(asked: Params, price: Obj, start: int, anchor: int) -> int:
    """By date, by duration, or by how often the price is charged."""
    end, times = asked.number("end_date", 0), asked.number("iterations", 1)
    duration, terms = asked.group_or_none("duration"), terms_of(price)
    if end:
        return end
    if duration is None:
        return _after(start, terms, times, anchor)
    interval, count = duration.needed("interval"), duration.number("interval_count", 1)
    duration.refuse_unknown()
    return boundary(start, interval, count, 1)


def _after(start: int, terms: Terms, times: int, anchor: int) -> int:
    """A phase that starts with a period of the anchor's ends with one, also from the 31st."""
    if anchor > start or next_boundary(anchor, *terms, start - 1) != start:
        return boundary(start, *terms, times)
    for _ in range(times):
        start = next_boundary(anchor, *terms, start)
    return start
