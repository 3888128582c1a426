"""Sums are right for any basket: no cent is lost between lines, sessions, invoices and charges."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulator.stripe import Stripe

BASKETS = st.lists(st.tuples(st.integers(0, 99_999), st.integers(1, 9)), min_size=1, max_size=12)
PERCENTS = st.integers(0, 100)


@given(basket=BASKETS, percent=PERCENTS)
def test_the_sum_of_a_purchase_is_the_sum_of_its_lines(
    basket: list[tuple[int, int]], percent: int
) -> None:
    """Before and after the coupon; what is charged is the total."""
    shop = Stripe(seed=1).shop
    lines = [{"price": shop.price("X", amount), "quantity": count} for amount, count in basket]

    bought = shop.buy(lines, discount_percent=percent)

    session = shop.read(bought.session)
    rows = [shop.read(item) for item in bought.items]
    assert session["amount_subtotal"] == sum(amount * count for amount, count in basket)
    assert session["amount_total"] == sum(row["amount_total"] for row in rows)
    charged = shop.read(bought.payment_intent)["amount"] if bought.payment_intent else 0
    assert charged == session["amount_total"]


@given(basket=BASKETS, percent=PERCENTS)
def test_the_sum_of_an_invoice_is_the_sum_of_all_its_lines(
    basket: list[tuple[int, int]], percent: int
) -> None:
    """Also of those that the invoice itself does not carry."""
    shop = Stripe(seed=1).shop
    month = {"interval": "month"}
    lines = [
        {"price": shop.price("X", amount, recurring=month), "quantity": count}
        for amount, count in basket
    ]

    rented = shop.subscribe(lines, discount_percent=percent)

    invoice = shop.read(str(rented.invoice))
    rows = shop.books.children(invoice["id"], "lines")
    assert invoice["subtotal"] == sum(amount * count for amount, count in basket)
    off = sum(cut["amount"] for row in rows for cut in row["discount_amounts"])
    assert invoice["subtotal"] == sum(row["amount"] for row in rows)
    assert invoice["total"] == invoice["amount_paid"] == invoice["subtotal"] - off
    assert invoice["amount_remaining"] == 0


@given(parts=st.lists(st.integers(1, 3000), max_size=6))
def test_no_row_of_refunds_gives_back_more_than_was_paid(parts: list[int]) -> None:
    """Each refund is all or nothing, and the charge knows the sum."""
    shop = Stripe(seed=1).shop
    bought = shop.buy(shop.price("X", 5000))
    given_back = 0

    for part in parts:
        try:
            shop.refund(payment_intent=bought.payment_intent, amount=part)
        except Exception:
            assert given_back + part > 5000
        else:
            given_back += part

    charge = shop.read(shop.read(str(bought.payment_intent))["latest_charge"])
    assert charge["amount_refunded"] == given_back <= 5000
    assert charge["refunded"] is (given_back == 5000)
