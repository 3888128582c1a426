"""Subscriptions made without a checkout, and requests about one item of one."""

from __future__ import annotations

from simulator.books import Books
from simulator.orders import make_order
from simulator.params import Params
from simulator.subscription_updates import IGNORED, update_subscription
from simulator.subscriptions import start
from simulator.values import Obj

TERMS = ("proration_behavior", "payment_behavior")
ENDING = ("cancel_at", "cancel_at_period_end", "description")


def create_subscription(books: Books, params: Params) -> Obj:
    """As `POST /v1/subscriptions`: the customer's card is charged at once."""
    for name in (*IGNORED, *TERMS, "collection_method", "billing_mode"):
        params.take(name)
    customer = books.refer("customer", params.needed("customer"), "customer")
    behavior = params.group("trial_settings").group("end_behavior")
    coupons = [Params(row).needed("coupon") for row in params.rows("discounts")]
    details = {
        "trial_days": params.number("trial_period_days", 0),
        "trial_end": params.number("trial_end", 0) or None,
        "missing_payment_method": behavior.text("missing_payment_method", "create_invoice"),
        "inner_metadata": params.take("metadata") or {},
        "coupon": coupons[0] if coupons else None,
    }
    order = make_order(params.rows("items"), details)
    ending = {name: value for name in ENDING if (value := params.take(name)) is not None}
    params.refuse_unknown()
    made = start(books, customer["id"], order)
    return update_subscription(books, made, Params(ending)) if ending else made


def create_item(books: Books, params: Params) -> Obj:
    """As `POST /v1/subscription_items`."""
    subscription = books.refer("subscription", params.needed("subscription"), "subscription")
    _change(books, subscription, {}, params)
    return books.children(subscription["id"], "items")[-1]


def update_item(books: Books, item: Obj, params: Params) -> Obj:
    """As `POST /v1/subscription_items/{id}`."""
    _change(books, books.get("subscription", item["subscription"]), {"id": item["id"]}, params)
    return item


def delete_item(books: Books, item: Obj) -> Obj:
    """As `DELETE /v1/subscription_items/{id}`: what was not used is credited."""
    subscription = books.get("subscription", item["subscription"])
    gone = {"id": item["id"], "deleted": True}
    update_subscription(books, subscription, Params({"items": [gone]}))
    return item


def _change(books: Books, subscription: Obj, row: Obj, params: Params) -> None:
    for name in IGNORED:
        params.take(name)
    terms = {name: value for name in TERMS if (value := params.text(name)) is not None}
    given = {name: params.take(name) for name in ("price", "quantity", "metadata")}
    params.refuse_unknown()
    asked = {**row, **{name: value for name, value in given.items() if value is not None}}
    update_subscription(books, subscription, Params({"items": [asked], **terms}))
