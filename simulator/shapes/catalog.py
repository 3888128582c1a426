"""Products and prices, in the shape of API version 2026-10-28.endive."""

from __future__ import annotations

from simulator.books import Books
from simulator.values import Obj, nulls


def product(books: Books, name: str) -> Obj:
    return {
        **nulls("default_price description package_dimensions shippable statement_descriptor"),
        **nulls("tax_code unit_label url"),
        "id": books.new_id("product"),
        "object": "product",
        "active": True,
        "created": books.now,
        "images": [],
        "livemode": books.livemode,
        "marketing_features": [],
        "metadata": {},
        "name": name,
        "type": "service",
        "updated": books.now,
    }


def price(books: Books, product_id: str, amount: int, currency: str) -> Obj:
    """A one-time price of `amount` minor units; see `recurring` for the other kind."""
    return {
        **nulls("custom_unit_amount lookup_key nickname recurring tiers_mode transform_quantity"),
        "id": books.new_id("price"),
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": books.now,
        "currency": currency,
        "livemode": books.livemode,
        "metadata": {},
        "product": product_id,
        "tax_behavior": "unspecified",
        "type": "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }


def recurring(interval: str, interval_count: int) -> Obj:
    return {
        **nulls("meter trial_period_days"),
        "interval": interval,
        "interval_count": interval_count,
        "usage_type": "licensed",
    }


def plan(price: Obj) -> Obj:
    """The older name of a recurring price, which items still carry."""
    terms = price["recurring"]
    same = "active billing_scheme created currency id livemode metadata nickname product tiers_mode"
    return {
        **nulls("transform_usage"),
        **{name: price[name] for name in same.split()},
        **{name: terms[name] for name in terms},
        "object": "plan",
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
    }
