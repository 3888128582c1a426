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


def discount(books: Books, coupon: Obj, end: int | None, **owner: str | None) -> Obj:
    """A coupon at work until `end`, in seconds since 1970; `owner`: subscription, customer, …"""
    return {
        **nulls("checkout_session customer_account invoice invoice_item promotion_code"),
        **nulls("customer subscription subscription_item"),
        **owner,
        "id": books.new_id("discount"),
        "object": "discount",
        "end": end,
        "source": {"coupon": coupon["id"], "type": "coupon"},
        "start": books.now,
    }
