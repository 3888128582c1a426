"""Features and entitlements, in the shape of API version 2026-10-28.endive."""

from __future__ import annotations

from simulator.books import Books
from simulator.values import EMBEDDED_ROWS, Obj, listing


def feature(books: Books, lookup_key: str, name: str) -> Obj:
    return {
        "id": books.new_id("entitlements.feature"),
        "object": "entitlements.feature",
        "active": True,
        "livemode": books.livemode,
        "lookup_key": lookup_key,
        "metadata": {},
        "name": name,
    }


def product_feature(books: Books, feature: Obj) -> Obj:
    """A feature on a product; the feature itself is inside, not its id."""
    return {
        "id": books.new_id("product_feature"),
        "object": "product_feature",
        "entitlement_feature": feature,
        "livemode": books.livemode,
    }


def active_entitlement(books: Books, feature: Obj) -> Obj:
    return {
        "id": books.new_id("entitlements.active_entitlement"),
        "object": "entitlements.active_entitlement",
        "feature": feature["id"],
        "livemode": books.livemode,
        "lookup_key": feature["lookup_key"],
    }


def summary(books: Books, customer_id: str, held: list[Obj]) -> Obj:
    """All that a customer has, for the event about it; it has no id, and no more than ten."""
    url = f"/v1/customer/{customer_id}/entitlements"
    more = len(held) > EMBEDDED_ROWS
    return {
        "object": "entitlements.active_entitlement_summary",
        "customer": customer_id,
        "entitlements": listing(held[:EMBEDDED_ROWS], url, has_more=more),
        "livemode": books.livemode,
    }
