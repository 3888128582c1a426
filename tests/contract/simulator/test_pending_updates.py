"""Updates that are made only when they are paid."""

from __future__ import annotations

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.bills import newest, state
from tests.contract.simulator.test_one_time_purchases import told
from tests.contract.simulator.test_subscriptions import at

WAITING = {"proration_behavior": "always_invoice", "payment_behavior": "pending_if_incomplete"}


@pytest.fixture
def broke(shop: Shop, monthly: str) -> tuple[str, str]:
    """A subscription whose buyer's card has just stopped working, and the buyer."""
    rented = shop.subscribe(monthly)
    shop.fail_payments(str(rented.customer))
    return str(rented.subscription), str(rented.customer)


def seats(shop: Shop, subscription: str) -> int:
    quantity: int = shop.read(subscription)["items"]["data"][0]["quantity"]
    return quantity


def test_an_update_that_can_not_be_paid_is_pending(
    client: StripeClient, shop: Shop, broke: tuple[str, str]
) -> None:
    """Everybody can see what it would be; nothing is changed yet, and nothing is past due."""
    subscription, _ = broke
    item = shop.read(subscription)["items"]["data"][0]["id"]

    client.v1.subscriptions.update(
        subscription,
        {
            "items": [{"id": item, "quantity": 3}],
            "proration_behavior": "always_invoice",
            "payment_behavior": "pending_if_incomplete",
        },
    )

    pending = shop.read(subscription)["pending_update"]
    assert state(shop, subscription) == ("active", "open")
    assert seats(shop, subscription) == 1
    assert pending["expires_at"] == at("2026-02-01T11:00:00")
    assert [(row["id"], row["quantity"]) for row in pending["subscription_items"]] == [(item, 3)]


def test_a_pending_update_is_applied_when_it_is_paid(shop: Shop, broke: tuple[str, str]) -> None:
    """With an event of its own."""
    subscription, customer = broke
    shop.change_quantity(subscription, 3, **WAITING)
    start = len(shop.events())

    shop.unfail(customer)
    shop.pay_invoice(newest(shop, subscription))

    assert seats(shop, subscription) == 3
    assert shop.read(subscription)["pending_update"] is None
    assert told(shop, start)[-2:] == [
        "customer.subscription.updated",
        "customer.subscription.pending_update_applied",
    ]


def test_a_pending_update_expires_after_23_hours(
    shop: Shop, stripe: Stripe, broke: tuple[str, str]
) -> None:
    """Its invoice is void; the subscription goes on as it was."""
    subscription, _ = broke
    shop.change_quantity(subscription, 3, **WAITING)
    start = len(shop.events())

    stripe.advance(seconds=23 * 3600)

    assert state(shop, subscription) == ("active", "void")
    assert seats(shop, subscription) == 1
    assert shop.read(subscription)["pending_update"] is None
    assert told(shop, start) == [
        "payment_intent.canceled",
        "invoice.voided",
        "customer.subscription.updated",
        "customer.subscription.pending_update_expired",
    ]


def test_an_update_that_is_paid_at_once_never_was_pending(shop: Shop, monthly: str) -> None:
    """It is simply made."""
    subscription = str(shop.subscribe(monthly).subscription)

    shop.change_quantity(subscription, 3, **WAITING)

    assert seats(shop, subscription) == 3
    assert [name for name in told(shop) if "pending_update" in name] == []


def test_a_second_update_waits_for_the_first(shop: Shop, broke: tuple[str, str]) -> None:
    """Until that is paid or has expired."""
    subscription, _ = broke
    shop.change_quantity(subscription, 3, **WAITING)

    with pytest.raises(Exception, match="pending update"):
        shop.change_quantity(subscription, 4)


def test_an_update_may_fail_with_its_payment(
    client: StripeClient, shop: Shop, broke: tuple[str, str]
) -> None:
    """Then nothing is left of it but a void invoice."""
    subscription, _ = broke
    item = shop.read(subscription)["items"]["data"][0]["id"]

    with pytest.raises(sdk.CardError):
        client.v1.subscriptions.update(
            subscription,
            {
                "items": [{"id": item, "quantity": 3}],
                "proration_behavior": "always_invoice",
                "payment_behavior": "error_if_incomplete",
            },
        )

    assert state(shop, subscription) == ("active", "void")
    assert seats(shop, subscription) == 1


def test_a_cancellation_takes_a_pending_update_along(
    shop: Shop, stripe: Stripe, broke: tuple[str, str]
) -> None:
    """What has ended is changed no more."""
    subscription, _ = broke
    shop.change_quantity(subscription, 3, **WAITING)

    shop.cancel(subscription)
    stripe.advance(days=2)

    assert shop.read(subscription)["status"] == "canceled"
    assert shop.read(subscription)["pending_update"] is None
    assert seats(shop, subscription) == 1
