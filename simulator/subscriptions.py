"""Subscriptions: how they start, change their end, and end. Renewals are elsewhere."""

from __future__ import annotations

from simulator.books import Books
from simulator.discounts import redeem, with_coupon
from simulator.errors import bad_parameter
from simulator.invoices import draft, finalize, stop_collecting, try_to_pay
from simulator.orders import Order, priced
from simulator.params import Params
from simulator.shapes import subscriptions as shapes
from simulator.updates import changing, update
from simulator.values import EMBEDDED_ROWS, Obj, listing

ENDED = ("canceled", "incomplete_expired")


def start(books: Books, customer: str, order: Order) -> Obj:
    """A new subscription with its first invoice; `incomplete` when that isn't paid."""
    rows = priced(books, order)
    recurring = [(price, quantity) for price, quantity in rows if price["recurring"]]
    if not recurring:
        text = "You must provide at least one recurring price in `subscription` mode."
        raise bad_parameter("line_items", text)
    subscription = shapes.subscription(books, customer, rows[0][0]["currency"])
    subscription["metadata"] = dict(order.inner_metadata)
    items = books.children(subscription["id"], "items")
    for price, quantity in recurring:
        items.append(books.add(shapes.item(books, subscription, price, quantity)))
    url, more = subscription["items"]["url"], len(items) > EMBEDDED_ROWS
    subscription["items"] = listing(items[:EMBEDDED_ROWS], url, has_more=more)
    books.add(subscription)
    if (coupon := with_coupon(books, order).coupon) is not None:
        redeem(books, subscription, coupon)
    books.emit("customer.subscription.created", subscription)
    invoice = draft(books, subscription, items, "subscription_create")
    finalize(books, invoice)
    try_to_pay(books, invoice)
    return subscription


def update_subscription(books: Books, subscription: Obj, params: Params) -> Obj:
    """As `POST /v1/subscriptions/{id}`: metadata, description, `cancel_at_period_end`."""
    wanted = params.flag("cancel_at_period_end", default=subscription["cancel_at_period_end"])
    if wanted != subscription["cancel_at_period_end"]:
        _refuse_ended(subscription)
        with changing(books, subscription):
            _end_later(books, subscription, wanted=wanted)
    return update(books, subscription, params)


def cancel(books: Books, subscription: Obj, reason: str = "cancellation_requested") -> Obj:
    """End it now. What is paid stays paid; nobody is given money back."""
    _refuse_ended(subscription)
    subscription.update(
        status="canceled",
        canceled_at=subscription["canceled_at"] or books.now,
        ended_at=books.now,
    )
    subscription["cancellation_details"]["reason"] = reason
    stop_collecting(books, subscription["id"])
    books.emit("customer.subscription.deleted", subscription)
    return subscription


def _end_later(books: Books, subscription: Obj, *, wanted: bool) -> None:
    """`canceled_at` is when it was asked for, `cancel_at` when it will end."""
    ends = [item["current_period_end"] for item in books.children(subscription["id"], "items")]
    subscription["cancel_at_period_end"] = wanted
    subscription["cancel_at"] = min(ends) if wanted else None
    subscription["canceled_at"] = books.now if wanted else None
    reason = "cancellation_requested" if wanted else None
    subscription["cancellation_details"]["reason"] = reason


def _refuse_ended(subscription: Obj) -> None:
    if subscription["status"] in ENDED:
        text = f"{subscription['id']} has ended and can't be changed any more."
        raise bad_parameter("id", text)
