"""Coupons and discounts, in the shape of API version 2026-10-28.endive."""

from __future__ import annotations

from simulator.books import Books
from simulator.values import Obj, nulls


def coupon(books: Books, coupon_id: str | None, percent: float) -> Obj:
    return {
        **nulls("amount_off currency duration_in_months max_redemptions name redeem_by"),
        "id": coupon_id or books.new_id("discount")[-8:].upper(),
        "object": "coupon",
        "created": books.now,
        "duration": "once",
        "livemode": books.livemode,
        "metadata": {},
        "percent_off": percent,
        "times_redeemed": 0,
        "valid": True,
    }


def discount(books: Books, subscription: Obj, coupon: Obj, end: int | None) -> Obj:
    """A coupon at work on a subscription, until `end`, in seconds since 1970."""
    return {
        **nulls("checkout_session customer_account invoice invoice_item promotion_code"),
        **nulls("subscription_item"),
        "id": books.new_id("discount"),
        "object": "discount",
        "customer": subscription["customer"],
        "end": end,
        "source": {"coupon": coupon["id"], "type": "coupon"},
        "start": books.now,
        "subscription": subscription["id"],
    }
