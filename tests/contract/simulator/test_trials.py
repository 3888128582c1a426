"""Trials: free at first, and then paid, or not."""

from __future__ import annotations

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.errors import StripeFault
from simulator.renewals import next_due
from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.bills import billed, newest, periods, state
from tests.contract.simulator.test_one_time_purchases import told
from tests.contract.simulator.test_subscriptions import at


def test_a_trial_begins_with_an_invoice_over_nothing(shop: Shop, monthly: str) -> None:
    """Paid, with one line from now to the end of the trial, and nobody was charged."""
    tried = shop.subscribe(monthly, trial_days=14)

    subscription = shop.read(str(tried.subscription))
    assert state(shop, tried.subscription) == ("trialing", "paid")
    assert (subscription["trial_start"], subscription["trial_end"]) == (
        at("2026-01-31T12:00:00"),
        at("2026-02-14T12:00:00"),
    )
    assert billed(shop, str(tried.invoice)) == ["0 2026-01-31 to 2026-02-14"]
    assert shop.read(tried.session)["payment_status"] == "no_payment_required"
    assert told(shop) == [
        "customer.created",
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
        "checkout.session.completed",
    ]


def test_a_trial_is_asked_for_at_the_checkout(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """With the parameters of Stripe's own client."""
    session = client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "line_items": [{"price": monthly, "quantity": 2}],
            "payment_method_collection": "if_required",
            "subscription_data": {
                "trial_period_days": 7,
                "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}},
            },
            "success_url": "https://shop.example/thanks",
        }
    )
    tried = shop.pay(session.id)

    subscription = client.v1.subscriptions.retrieve(str(tried.subscription)).to_dict()
    assert (session.amount_total, session.payment_method_collection) == (0, "if_required")
    assert subscription["trial_end"] == at("2026-02-07T12:00:00")
    assert subscription["trial_settings"] == {"end_behavior": {"missing_payment_method": "pause"}}


def test_a_trial_that_ends_becomes_paid_an_hour_later(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """Active at once, with a draft; periods are counted from the end of the trial."""
    tried = shop.subscribe(monthly, trial_days=14)
    start = len(shop.events())

    stripe.advance(days=14)
    at_first = state(shop, tried.subscription)
    stripe.advance(seconds=3600)

    assert at_first == ("active", "draft")
    assert state(shop, tried.subscription) == ("active", "paid")
    assert billed(shop, newest(shop, tried.subscription)) == ["900 2026-02-14 to 2026-03-14"]
    assert told(shop, start)[:3] == [
        "customer.subscription.trial_will_end",
        "invoice.created",
        "customer.subscription.updated",
    ]
    updated = shop.events()[start + 2]["data"]["previous_attributes"]
    assert updated["status"] == "trialing"


def test_the_end_of_a_trial_is_told_three_days_ahead(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """Once, and at the start where the trial is shorter than that."""
    shop.subscribe(monthly, trial_days=14)
    shop.subscribe(monthly, trial_days=2)

    stripe.advance(days=20)

    warned = [e for e in shop.events() if e["type"] == "customer.subscription.trial_will_end"]
    assert [event["created"] for event in warned] == [
        at("2026-01-31T12:00:00"),
        at("2026-02-11T12:00:00"),
    ]


def test_a_card_that_fails_at_the_end_of_a_trial_makes_it_past_due(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """As with any renewal."""
    tried = shop.subscribe(monthly, trial_days=14)
    shop.fail_payments(str(tried.customer))

    stripe.advance(days=14, seconds=3600)

    assert state(shop, tried.subscription) == ("past_due", "open")


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ("cancel", ("canceled", "paid")),
        ("pause", ("paused", "paid")),
        ("create_invoice", ("past_due", "open")),
    ],
)
def test_a_trial_without_a_card_ends_as_the_seller_chose(
    shop: Shop, stripe: Stripe, monthly: str, missing: str, expected: tuple[str, str]
) -> None:
    """Canceled, paused, or with an invoice that nobody pays; no charge is tried."""
    tried = shop.subscribe(
        monthly,
        trial_days=14,
        payment_method_collection="if_required",
        missing_payment_method=missing,
    )

    stripe.advance(days=15)

    assert state(shop, tried.subscription) == expected
    assert shop.books.all("charge") == []


def test_a_trial_paused_for_want_of_a_card_says_why(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """And goes on, with a period from now, when the buyer gave a card."""
    tried = shop.subscribe(
        monthly,
        trial_days=14,
        payment_method_collection="if_required",
        missing_payment_method="pause",
    )
    stripe.advance(days=20)
    paused = client.v1.subscriptions.retrieve(str(tried.subscription)).to_dict()

    shop.add_card(str(tried.customer))
    client.v1.subscriptions.resume(str(tried.subscription))

    assert paused["status_details"] == {
        "paused": {
            "subscription": {"type": "trial_end_without_payment_method"},
            "transitioned_at": at("2026-02-14T12:00:00"),
            "type": "subscription",
        }
    }
    assert state(shop, tried.subscription) == ("active", "paid")
    assert shop.read(str(tried.subscription))["status_details"] is None
    assert billed(shop, newest(shop, tried.subscription)) == ["900 2026-02-20 to 2026-03-20"]


def test_a_trial_can_be_made_longer(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """Nothing is billed until the new end."""
    tried = shop.subscribe(monthly, trial_days=14)

    client.v1.subscriptions.update(
        str(tried.subscription), {"trial_end": at("2026-03-01T00:00:00")}
    )
    stripe.advance(to=at("2026-02-28T23:00:00"))
    still = state(shop, tried.subscription)
    stripe.advance(to=at("2026-03-01T02:00:00"))

    assert still == ("trialing", "paid")
    assert periods(shop, tried.subscription) == ["2026-03-01 to 2026-04-01"]
    assert state(shop, tried.subscription) == ("active", "paid")


def test_a_trial_can_be_ended_at_once(client: StripeClient, shop: Shop, monthly: str) -> None:
    """The first real invoice is paid in the same moment."""
    tried = shop.subscribe(monthly, trial_days=14)

    client.v1.subscriptions.update(str(tried.subscription), {"trial_end": "now"})

    assert state(shop, tried.subscription) == ("active", "paid")
    assert billed(shop, newest(shop, tried.subscription)) == ["900 2026-01-31 to 2026-02-28"]
    assert shop.read(newest(shop, tried.subscription))["billing_reason"] == "subscription_update"


def test_a_paying_buyer_may_get_a_trial_later(shop: Shop, stripe: Stripe, monthly: str) -> None:
    """What was paid for and is not used up is credited."""
    rented = shop.subscribe(monthly)
    stripe.advance(days=14)

    shop.move_trial_end(str(rented.subscription), "2026-03-14T12:00:00+00:00")

    assert state(shop, rented.subscription) == ("trialing", "paid")
    assert billed(shop, newest(shop, rented.subscription)) == [
        "-450 proration 2026-02-14 to 2026-02-28",
        "0 2026-02-14 to 2026-03-14",
    ]
    assert shop.read(str(rented.customer))["balance"] == -450


def test_a_trial_can_be_canceled_before_anything_is_paid(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """At the end of the trial it is over."""
    tried = shop.subscribe(monthly, trial_days=14)
    shop.cancel(str(tried.subscription), at_period_end=True)

    stripe.advance(days=14)

    assert state(shop, tried.subscription) == ("canceled", "paid")
    assert shop.read(str(tried.subscription))["ended_at"] == at("2026-02-14T12:00:00")


def test_a_trial_can_not_end_in_the_past(client: StripeClient, shop: Shop, monthly: str) -> None:
    """Nor at a moment that is none."""
    tried = str(shop.subscribe(monthly, trial_days=14).subscription)

    with pytest.raises(sdk.InvalidRequestError, match="in the future"):
        client.v1.subscriptions.update(tried, {"trial_end": at("2026-01-01")})
    with pytest.raises(StripeFault, match="Invalid timestamp"):
        shop.update(tried, trial_end="soon")
    with pytest.raises(StripeFault, match="missing_payment_method"):
        shop.subscribe(monthly, trial_days=14, missing_payment_method="hope")


def test_a_trial_that_is_cut_short_is_told_of_from_that_moment_on(
    stripe: Stripe, shop: Shop, monthly: str
) -> None:
    """Nothing is due before it was asked for, so the warning is never overdue."""
    tried = shop.subscribe(monthly, trial_days=14)
    stripe.advance(seconds=1)
    shop.move_trial_end(str(tried.subscription), stripe.now + 2 * 24 * 3600)

    assert next_due(shop.books) == stripe.now
    stripe.advance(seconds=1)
    assert told(shop)[-1] == "customer.subscription.trial_will_end"
