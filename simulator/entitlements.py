"""Features of products, and which of them a customer has by what is subscribed to now.

Source: docs.stripe.com/billing/entitlements
"""

from __future__ import annotations

from simulator.books import Books
from simulator.errors import bad_parameter
from simulator.metadata import merged
from simulator.params import Params
from simulator.shapes import entitlements as shapes
from simulator.values import Obj, frozen

ENTITLING = ("active", "trialing", "past_due")
UPDATED = "entitlements.active_entitlement_summary.updated"
MOST_CHARACTERS = 80  # of a lookup key


def create_feature(books: Books, params: Params) -> Obj:
    """Its lookup key is the seller's own name for it, and taken only once."""
    key, name = params.needed("lookup_key"), params.needed("name")
    metadata = merged({}, params.take("metadata") or {})
    params.refuse_unknown()
    if len(key) > MOST_CHARACTERS:
        raise bad_parameter("lookup_key", f"Invalid string: at most {MOST_CHARACTERS} characters")
    if any(feature["lookup_key"] == key for feature in books.all("entitlements.feature")):
        raise bad_parameter("lookup_key", "A feature with this lookup_key already exists.")
    return books.add(shapes.feature(books, key, name) | {"metadata": metadata})


def attach(books: Books, product: Obj, params: Params) -> Obj:
    """Who subscribes to the product has the feature, from now on."""
    named = params.needed("entitlement_feature")
    params.refuse_unknown()
    feature = books.refer("entitlements.feature", named, "entitlement_feature")
    rows = books.children(product["id"], "features")
    if any(row["entitlement_feature"]["id"] == feature["id"] for row in rows):
        raise bad_parameter("entitlement_feature", "This feature is already attached.")
    rows.append(books.add(shapes.product_feature(books, feature)))
    _refresh_all(books)
    return rows[-1]


def detach(books: Books, product: Obj, attached: Obj) -> Obj:
    """Who subscribes to the product has the feature no more."""
    books.children(product["id"], "features").remove(attached)
    stub = books.delete(attached)
    _refresh_all(books)
    return stub


def refresh(books: Books, customer_id: str) -> None:
    """Give and take until the customer has what the subscriptions say; tell it if that is new."""
    held = books.children(customer_id, "entitlements")
    wanted = _wanted(books, customer_id)
    before = frozen({"data": held})
    kept = [one for one in held if one["feature"] in wanted]
    added = [feature for feature in wanted if all(one["feature"] != feature for one in held)]
    if len(kept) == len(held) and not added:
        return
    for lost in [one for one in held if one["feature"] not in wanted]:
        books.delete(lost)
    held[:] = kept
    for feature_id in added:
        feature = books.get("entitlements.feature", feature_id)
        held.append(books.add(shapes.active_entitlement(books, feature)))
    books.emit(UPDATED, shapes.summary(books, customer_id, held), {"entitlements": before})


def follow(books: Books) -> None:
    """From now on whatever happens to a subscription moves the customer's entitlements."""

    def hear(event_type: str, obj: Obj) -> None:
        if event_type.startswith("customer.subscription."):
            refresh(books, obj["customer"])

    books.listeners.append(hear)


def _refresh_all(books: Books) -> None:
    subscribed = {row["customer"]: None for row in books.all("subscription")}
    for customer_id in subscribed:
        refresh(books, customer_id)


def _wanted(books: Books, customer_id: str) -> list[str]:
    """Ids of features, each once, in the order of subscriptions and items."""
    features: dict[str, None] = {}
    for subscription in books.all("subscription"):
        if subscription["customer"] == customer_id and subscription["status"] in ENTITLING:
            for item in books.children(subscription["id"], "items"):
                for row in books.children(item["price"]["product"], "features"):
                    features[row["entitlement_feature"]["id"]] = None
    return list(features)
