"""Prorations: what is given back and asked for, at any moment of a period."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from simulator.clock import boundary, last_boundary
from simulator.stripe import Stripe

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
MONTH_SECONDS = 28 * 24 * 3600  # the last of January to the last of February
MOMENTS = st.integers(0, MONTH_SECONDS - 1)


def rented(amount: int, quantity: int = 1) -> tuple[Stripe, str]:
    stripe = Stripe(now=START, seed=1)
    price = stripe.shop.price("Plan", amount, recurring={"interval": "month"})
    bought = stripe.shop.subscribe({"price": price, "quantity": quantity})
    return stripe, str(bought.subscription)


def billed_at_once(stripe: Stripe, subscription: str, quantity: int) -> list[int]:
    """The lines of the invoice that a change of quantity makes."""
    terms = {"proration_behavior": "always_invoice"}
    stripe.shop.change_quantity(subscription, quantity, **terms)
    invoice = stripe.shop.read(stripe.shop.read(subscription)["latest_invoice"])
    return [line["amount"] for line in invoice["lines"]["data"]]


@given(second=MOMENTS, amount=st.integers(1, 50_000), more=st.integers(2, 9))
def test_what_is_credited_is_the_unused_share(second: int, amount: int, more: int) -> None:
    """By the second, and the new quantity is asked for over the same time."""
    stripe, subscription = rented(amount)
    stripe.advance(seconds=second)
    left = MONTH_SECONDS - second

    credit, debit = billed_at_once(stripe, subscription, more)

    assert abs(-credit * MONTH_SECONDS - amount * left) * 2 <= MONTH_SECONDS
    assert abs(debit * MONTH_SECONDS - more * amount * left) * 2 <= MONTH_SECONDS


@given(second=MOMENTS, amount=st.integers(1, 50_000), more=st.integers(2, 9))
def test_a_change_taken_back_at_once_costs_nothing(second: int, amount: int, more: int) -> None:
    """The second pair of lines mirrors the first."""
    stripe, subscription = rented(amount)
    stripe.advance(seconds=second)

    there = billed_at_once(stripe, subscription, more)
    back = billed_at_once(stripe, subscription, 1)

    assert sum(there) + sum(back) == 0


@given(day=st.integers(1, 31), number=st.integers(1, 30), months=st.integers(1, 12))
def test_a_period_begins_where_the_one_before_ended(day: int, number: int, months: int) -> None:
    """From any day of the month, also after short ones."""
    anchor = int(datetime(2026, 1, day, tzinfo=UTC).timestamp())
    end = boundary(anchor, "month", months, number)

    assert last_boundary(anchor, "month", months, end) == (
        boundary(anchor, "month", months, number - 1)
    )


def test_a_period_that_ends_with_its_anchor_began_one_length_before() -> None:
    """As a trial does, whose end the periods are counted from."""
    anchor = int(datetime(2026, 3, 31, tzinfo=UTC).timestamp())

    assert last_boundary(anchor, "month", 1, anchor) == int(
        datetime(2026, 2, 28, tzinfo=UTC).timestamp()
    )
