"""The four plan categories as real subscriptions have them, from Stripe's objects to the name."""

from __future__ import annotations

import pytest

from shared.keys import SaleKey, StripeId
from tests.integration.worker.conftest import LiveStripe
from worker.plan.category import choose_category
from worker.plan.explain import bought_as_json
from worker.snapshot.stripe import read_bought
from worker.state import Bought

DAY = 24 * 3600
TABLE = [{"up_to": 5, "unit_amount": 1000}, {"up_to": "inf", "unit_amount": 800}]


@pytest.fixture
def monthly(live: LiveStripe) -> str:
    return live.shop.price("Team", 900, recurring={"interval": "month"})


def read(live: LiveStripe, subscription: str | None) -> Bought:
    assert subscription is not None
    key = SaleKey("", False, "subscription", StripeId(subscription))
    found = read_bought(key, live.gateway)
    assert isinstance(found, Bought)
    return found


def category(live: LiveStripe, subscription: str | None) -> str | None:
    return choose_category(read(live, subscription))


def test_a_trial_that_ends_the_subscription_stays_trial_only(
    live: LiveStripe, monthly: str
) -> None:
    """While it runs and when it is over."""
    sale = live.shop.subscribe(monthly, trial_days=14).subscription
    assert sale
    live.shop.cancel_at(sale, live.shop.read(sale)["trial_end"])

    running = category(live, sale)
    live.stripe.advance(days=20)

    assert live.shop.read(sale)["status"] == "canceled"
    assert (running, category(live, sale)) == ("trial_only", "trial_only")


def test_one_charge_after_a_trial_stays_what_it_is_to_the_end(
    live: LiveStripe, monthly: str
) -> None:
    """In the trial, in the month that is paid, and after it."""
    sale = live.shop.subscribe(monthly, trial_days=14).subscription
    assert sale
    live.shop.cancel_at(sale, live.shop.read(sale)["trial_end"] + 28 * DAY)

    told = [category(live, sale)]
    for days in (16, 40):
        live.stripe.advance(days=days)
        told.append(category(live, sale))

    assert live.shop.read(sale)["status"] == "canceled"
    assert told == ["one_time_with_trial"] * 3


def test_a_schedule_of_one_iteration_is_one_charge(live: LiveStripe, monthly: str) -> None:
    """Running and over; nobody asked for its end, so `canceled_at` is the end itself."""
    phases = [{"items": [{"price": monthly}], "iterations": 1}]
    customer = live.shop.customer()
    live.shop.add_card(customer)
    made = live.shop.schedule(customer=customer, phases=phases, end_behavior="cancel")
    sale = live.shop.read(made)["subscription"]

    live.stripe.advance(days=1)
    running = category(live, sale)
    live.stripe.advance(days=40)

    assert live.shop.read(sale)["status"] == "canceled"
    assert (running, category(live, sale)) == ("one_time", "one_time")


def test_a_buyer_who_cancels_leaves_a_recurring_sale(live: LiveStripe, monthly: str) -> None:
    """With the period, on a day, and at once; before and after it has ended."""
    bought = [live.shop.subscribe(monthly).subscription for _ in range(4)]
    with_period, on_a_day, at_once, _ = sales = [sale for sale in bought if sale]
    live.stripe.advance(days=3)
    live.shop.cancel(with_period, at_period_end=True)
    live.shop.update(on_a_day, cancel_at="min_period_end")
    live.shop.cancel(at_once)

    told = [category(live, sale) for sale in sales]
    live.stripe.advance(days=40)
    told += [category(live, sale) for sale in sales]

    assert told == ["recurring"] * 8


def test_tiers_are_read_and_their_amount_is_what_stripe_took(live: LiveStripe) -> None:
    """Our own count and the invoice agree to the cent."""
    price = live.shop.price(
        "Seats",
        0,
        billing_scheme="tiered",
        tiers_mode="graduated",
        tiers=TABLE,
        recurring={"interval": "month"},
    )
    sale = live.shop.subscribe({"price": price, "quantity": 7}).subscription

    told = bought_as_json(read(live, sale))

    assert told["lines"][0]["pricing"]["explanation"] == (
        "tiered: 5 units at 10.00 USD + 2 at 8.00 USD = 66.00 USD a month"
    )
    assert told["lines"][0]["pricing"]["expected_amount_minor_units"] == 6_600
    assert told["payments"][0]["amount_minor_units"] == 6_600
