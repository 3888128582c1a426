"""Coupons and what they take off: once, for some months, or for ever. Percentages only.

Source: docs.stripe.com/billing/subscriptions/coupons
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from simulator.books import Books
from simulator.clock import boundary
from simulator.errors import bad_parameter
from simulator.metadata import merged
from simulator.orders import Order
from simulator.params import Params
from simulator.shapes import discounts as shapes
from simulator.values import Obj

DURATIONS = ("once", "repeating", "forever")


def create_coupon(books: Books, params: Params) -> Obj:
    coupon = shapes.coupon(books, params.text("id"), _percent(params))
    coupon["duration"] = params.text("duration", "once")
    if coupon["duration"] not in DURATIONS:
        raise bad_parameter("duration", f"Invalid duration: must be one of {', '.join(DURATIONS)}")
    if coupon["duration"] == "repeating":
        coupon["duration_in_months"] = int(params.needed("duration_in_months"))
    coupon["name"] = params.text("name")
    coupon["metadata"] = merged({}, params.take("metadata") or {})
    params.refuse_unknown()
    if books.find(coupon["id"]):
        raise bad_parameter("id", "Coupon already exists.", "resource_already_exists")
    books.emit("coupon.created", books.add(coupon))
    return coupon


def with_coupon(books: Books, order: Order) -> Order:
    """A plain `discount_percent` is a coupon too, one for ever."""
    if order.coupon is not None:
        books.refer("coupon", order.coupon, "discounts[0][coupon]")
        return order
    if not order.discount_percent:
        return order
    terms = {"percent_off": order.discount_percent, "duration": "forever"}
    return replace(order, coupon=create_coupon(books, Params(terms))["id"])


def redeem(books: Books, subscription: Obj, coupon_id: str) -> Obj:
    """From now on the coupon lowers the subscription's invoices, as long as it says."""
    coupon = books.refer("coupon", coupon_id, "discounts[0][coupon]")
    months = coupon["duration_in_months"]
    end = boundary(books.now, "month", 1, months) if months else None
    owner = {"customer": subscription["customer"], "subscription": subscription["id"]}
    discount = books.add(shapes.discount(books, coupon, end, **owner))
    coupon["times_redeemed"] += 1
    subscription["discounts"] = [*subscription["discounts"], discount["id"]]
    books.emit("customer.discount.created", discount)
    return discount


def take(books: Books, subscription: Obj) -> list[Obj]:
    """The discounts of an invoice drafted now. What is over, or was for once, is gone then."""
    drop_ended(books, subscription)
    taken = [books.get("discount", one) for one in subscription["discounts"]]
    for discount in taken:
        if _coupon(books, discount)["duration"] == "once":
            _drop(books, subscription, discount)
    return taken


def drop_ended(books: Books, subscription: Obj) -> None:
    """Those whose months are over."""
    for discount_id in subscription["discounts"]:
        discount = books.get("discount", discount_id)
        if discount["end"] is not None and discount["end"] <= books.now:
            _drop(books, subscription, discount)


def cuts(books: Books, discounts: Iterable[Obj], amount: int) -> list[Obj]:
    """What each takes off an amount in minor units, the second from what the first left."""
    rows = []
    for discount in discounts:
        off = cut(amount, _coupon(books, discount)["percent_off"])
        rows.append({"amount": off, "discount": discount["id"]})
        amount -= off
    return rows


def cut(amount: int, percent: float) -> int:
    """What a coupon takes off, in minor units; exact to a hundredth of a percent."""
    return amount * round(percent * 100) // 10_000


def _drop(books: Books, subscription: Obj, discount: Obj) -> None:
    left = [one for one in subscription["discounts"] if one != discount["id"]]
    subscription["discounts"] = left
    books.emit("customer.discount.deleted", discount)


def _coupon(books: Books, discount: Obj) -> Obj:
    return books.get("coupon", discount["source"]["coupon"])


def _percent(params: Params) -> float:
    given = params.needed("percent_off")
    try:
        percent = float(given)
    except ValueError as wrong:
        raise bad_parameter("percent_off", f"Invalid percent_off: {given}") from wrong
    if not 0 < percent <= 100:
        raise bad_parameter("percent_off", "Invalid percent_off: must be above 0, at most 100")
    return percent
