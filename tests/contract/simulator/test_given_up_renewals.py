"""A renewal that the seller voids or gives up: what becomes of the subscription."""

from __future__ import annotations

import pytest
from stripe import StripeClient

from simulator.shop import Shop
from simulator.stripe import Stripe


@pytest.fixture
def late(stripe: Stripe, shop: Shop, monthly: str) -> tuple[str, str]:
    """A subscription that is past due, and its open invoice."""
    rented = shop.subscribe(monthly)
    shop.fail_payments(str(rented.customer))
    stripe.advance(days=29)
    subscription = shop.read(str(rented.subscription))
    assert subscription["status"] == "past_due"
    return subscription["id"], subscription["latest_invoice"]


@pytest.mark.parametrize("verb", ["void_invoice", "mark_uncollectible"])
def test_a_renewal_that_is_given_up_makes_nobody_late(
    client: StripeClient, shop: Shop, late: tuple[str, str], verb: str
) -> None:
    """The subscription is active again although nobody paid; its invoice tells the truth."""
    subscription, invoice = late

    given_up = getattr(client.v1.invoices, verb)(invoice)

    assert given_up.amount_paid == 0
    assert shop.read(subscription)["status"] == "active"
    assert shop.events()[-1]["type"] == "customer.subscription.updated"


def test_a_renewal_can_be_paid_elsewhere(stripe: Stripe, shop: Shop, late: tuple[str, str]) -> None:
    """It cures the subscription, and the failing card is not tried again for it."""
    subscription, invoice = late
    attempts = shop.read(invoice)["attempt_count"]

    shop.pay_invoice_elsewhere(invoice)
    stripe.advance(days=10)

    assert shop.read(subscription)["status"] == "active"
    assert (shop.read(invoice)["status"], shop.read(invoice)["attempt_count"]) == (
        "paid",
        attempts,
    )


def test_a_subscription_whose_first_invoice_is_voided_never_starts(
    shop: Shop, monthly: str
) -> None:
    """Incomplete is over at once, not after 23 hours."""
    customer = shop.customer()
    shop.fail_payments(customer)
    rented = shop.subscribe(monthly, customer=customer)

    shop.void_invoice(str(rented.invoice))

    assert shop.read(str(rented.subscription))["status"] == "incomplete_expired"
