"""Subscriptions and items made, changed and deleted by a seller's own program."""

from __future__ import annotations

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.bills import billed, newest, state
from tests.contract.simulator.test_item_changes import sold
from tests.contract.simulator.test_one_time_purchases import told
from tests.contract.simulator.test_subscriptions import at


def test_a_program_can_start_a_subscription_without_a_checkout(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """Paid at once, with no session."""
    customer = shop.customer(email="ada@example.com")

    made = client.v1.subscriptions.create(
        {
            "customer": customer,
            "items": [{"price": monthly, "quantity": 2}],
            "metadata": {"source": "portal"},
            "discounts": [{"coupon": shop.coupon(50, "forever")}],
            "cancel_at": at("2026-06-01T00:00:00"),
        }
    )

    assert (made.status, made.metadata.to_dict(), made.cancel_at) == (
        "active",
        {"source": "portal"},
        at("2026-06-01T00:00:00"),
    )
    assert shop.read(newest(shop, made.id))["amount_paid"] == 900
    assert shop.books.all("checkout.session") == []


def test_a_program_can_start_a_trial(client: StripeClient, shop: Shop, monthly: str) -> None:
    """By days or to a moment."""
    customer = shop.customer()
    end = at("2026-02-07T12:00:00")

    by_days = client.v1.subscriptions.create(
        {"customer": customer, "items": [{"price": monthly}], "trial_period_days": 7}
    )
    to_moment = client.v1.subscriptions.create(
        {"customer": customer, "items": [{"price": monthly}], "trial_end": end}
    )

    assert by_days.trial_end == to_moment.trial_end == end
    assert (by_days.status, to_moment.status) == ("trialing", "trialing")


def test_a_program_whose_buyers_card_fails_gets_an_incomplete_subscription(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """Which takes metadata only until it is paid."""
    customer = shop.customer()
    shop.fail_payments(customer)

    made = client.v1.subscriptions.create({"customer": customer, "items": [{"price": monthly}]})

    assert state(shop, made.id) == ("incomplete", "open")
    client.v1.subscriptions.update(made.id, {"metadata": {"seen": "yes"}})
    with pytest.raises(sdk.InvalidRequestError, match="only its metadata"):
        client.v1.subscriptions.update(made.id, {"cancel_at_period_end": True})


def test_items_can_be_made_changed_and_deleted_one_by_one(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str, bigger: str
) -> None:
    """Each with its prorations, and told as a change of the subscription."""
    rented = shop.subscribe(monthly)
    subscription = str(rented.subscription)
    stripe.advance(days=14)

    added = client.v1.subscription_items.create({"subscription": subscription, "price": bigger})
    client.v1.subscription_items.update(
        added.id, {"quantity": 3, "proration_behavior": "always_invoice"}
    )
    during = sold(shop, subscription)
    start = len(shop.events())
    gone = client.v1.subscription_items.delete(added.id)

    assert during == [(monthly, 1), (bigger, 3)]
    assert (gone.id, gone.deleted) == (added.id, True)
    assert sold(shop, subscription) == [(monthly, 1)]
    assert billed(shop, newest(shop, subscription)) == [
        "1450 proration 2026-02-14 to 2026-02-28",
        "-1450 proration 2026-02-14 to 2026-02-28",
        "4350 proration 2026-02-14 to 2026-02-28",
    ]
    assert told(shop, start) == ["invoiceitem.created", "customer.subscription.updated"]
