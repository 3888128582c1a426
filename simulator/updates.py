"""Changes of objects: which fields may be written, and the event that a real change causes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from simulator.books import Books
from simulator.metadata import merged
from simulator.params import Params
from simulator.values import Obj, frozen

FLAGS = {"active"}
WRITABLE: dict[str, tuple[str, ...]] = {
    "charge": ("description", "receipt_email"),
    "checkout.session": (),
    "coupon": ("name",),
    "customer": ("description", "email", "name", "phone"),
    "entitlements.feature": ("active", "name"),
    "invoice": ("description",),
    "payment_intent": ("description", "receipt_email"),
    "price": ("active", "lookup_key", "nickname"),
    "product": ("active", "description", "name"),
    "refund": (),
    "subscription": ("description",),
    "subscription_item": (),
    "subscription_schedule": (),
}
# Stripe has no such events for checkout sessions and payment intents.
EVENTS = {
    "charge": "charge.updated",
    "dispute": "charge.dispute.updated",
    "coupon": "coupon.updated",
    "customer": "customer.updated",
    "invoice": "invoice.updated",
    "price": "price.updated",
    "product": "product.updated",
    "refund": "refund.updated",
    "subscription": "customer.subscription.updated",
    "subscription_schedule": "subscription_schedule.updated",
}


def difference(before: Obj, after: Obj) -> Obj:
    """What `previous_attributes` says: old values of what changed, None for what is new."""
    changed: Obj = {}
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old != new:
            nested = isinstance(old, dict) and isinstance(new, dict)
            changed[name] = difference(old or {}, new or {}) if nested else old
    return changed


@contextmanager
def changing(books: Books, obj: Obj) -> Iterator[None]:
    """Change the object inside; if anything really changed, its `updated` event follows."""
    before = frozen(obj)
    yield
    previous = difference(before, obj)
    event_type = EVENTS.get(obj["object"])
    if previous and event_type:
        books.emit(event_type, obj, previous)


def update(books: Books, obj: Obj, params: Params) -> Obj:
    """Write the fields and the metadata given; all or nothing."""
    values = written(obj, params)
    params.refuse_unknown()
    with changing(books, obj):
        if obj["object"] == "product" and any(obj[name] != values[name] for name in values):
            obj["updated"] = books.now
        obj.update(values)
    return obj


def written(obj: Obj, params: Params) -> dict[str, Any]:
    """What the plain fields and the metadata of a request come to; nothing is changed yet."""
    values: dict[str, Any] = {}
    for name in WRITABLE[obj["object"]]:
        if name in FLAGS:
            values[name] = params.flag(name, default=obj[name])
        elif (given := params.take(name)) is not None:
            values[name] = given or None
    metadata = params.take("metadata")
    if metadata is not None:
        values["metadata"] = merged(obj["metadata"], metadata)
    return values
