"""What becomes of a subscription that is not paid, and how it recovers."""

from __future__ import annotations

import pytest

from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.bills import newest, periods, state
from tests.contract.simulator.test_one_time_purchases import told

ALL_ATTEMPTS = 28 + 3 + 5 + 7 + 1  # days


@pytest.mark.parametrize("status", ["canceled", "unpaid", "past_due", "paused"])
def test_the_last_failed_attempt_leads_where_the_shop_says(
    shop: Shop, stripe: Stripe, monthly: str, status: str
) -> None:
    """The invoice stays open and is not tried again."""
    shop.end_dunning_with(status)
    rented = shop.subscribe(monthly)
    shop.fail_payments(str(rented.customer))

    stripe.advance(days=29)
    invoice = newest(shop, rented.subscription)
    stripe.advance(days=ALL_ATTEMPTS - 29)

    assert shop.read(str(rented.subscription))["status"] == status
    assert shop.read(invoice)["status"] == "open"
    assert shop.read(invoice)["next_payment_attempt"] is None


def test_dunning_can_only_end_in_four_ways(shop: Shop) -> None:
    """A wrong word is refused at once."""
    with pytest.raises(ValueError, match="canceled, unpaid, past_due, paused"):
        shop.end_dunning_with("forgiven")


def test_a_subscription_paused_after_dunning_says_why(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """And can be resumed with a card that works."""
    shop.end_dunning_with("paused")
    rented = shop.subscribe(monthly)
    shop.fail_payments(str(rented.customer))
    stripe.advance(days=ALL_ATTEMPTS)
    paused = shop.read(str(rented.subscription))

    shop.unfail(str(rented.customer))
    shop.resume(str(rented.subscription))

    assert paused["status_details"]["paused"]["subscription"] == {"type": "final_payment_failure"}
    assert told(shop).count("customer.subscription.paused") == 1
    assert state(shop, rented.subscription) == ("active", "paid")


def test_an_unpaid_subscription_goes_on_making_drafts_that_nobody_collects(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """Periods go on; the invoices stay closed."""
    shop.end_dunning_with("unpaid")
    rented = shop.subscribe(monthly)
    shop.fail_payments(str(rented.customer))

    stripe.advance(days=90)

    assert state(shop, rented.subscription) == ("unpaid", "draft")
    assert periods(shop, rented.subscription) == ["2026-04-30 to 2026-05-31"]
    assert shop.read(newest(shop, rented.subscription))["auto_advance"] is False


@pytest.mark.parametrize("status", ["unpaid", "past_due"])
def test_paying_the_open_invoice_makes_a_subscription_active_again(
    shop: Shop, stripe: Stripe, monthly: str, status: str
) -> None:
    """Also long after the last attempt."""
    shop.end_dunning_with(status)
    rented = shop.subscribe(monthly)
    shop.fail_payments(str(rented.customer))
    stripe.advance(days=29)
    invoice = newest(shop, rented.subscription)
    stripe.advance(days=ALL_ATTEMPTS - 29)

    shop.unfail(str(rented.customer))
    before = shop.read(str(rented.subscription))["status"]
    shop.pay_invoice(invoice)

    assert (before, shop.read(str(rented.subscription))["status"]) == (status, "active")


def test_paying_an_old_invoice_does_not_cure_while_a_newer_one_is_open(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """The newest one decides."""
    shop.end_dunning_with("past_due")
    rented = shop.subscribe(monthly)
    shop.fail_payments(str(rented.customer))
    stripe.advance(days=29)
    first = newest(shop, rented.subscription)
    stripe.advance(days=31)
    second = newest(shop, rented.subscription)

    shop.unfail(str(rented.customer))
    shop.pay_invoice(first)
    between = shop.read(str(rented.subscription))["status"]
    shop.pay_invoice(second)

    assert (between, shop.read(str(rented.subscription))["status"]) == ("past_due", "active")


def test_a_first_payment_that_arrives_in_time_starts_the_subscription(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """Within the 23 hours."""
    customer = shop.customer()
    shop.fail_payments(customer)
    rented = shop.subscribe(monthly, customer=customer)
    stripe.advance(seconds=22 * 3600)

    shop.unfail(customer)
    shop.pay_invoice(str(rented.invoice))
    stripe.advance(days=2)

    assert state(shop, rented.subscription) == ("active", "paid")


def test_a_first_payment_that_never_arrives_ends_it_after_23_hours(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """Its invoice is void, and the payment is canceled."""
    customer = shop.customer()
    shop.fail_payments(customer)
    rented = shop.subscribe(monthly, customer=customer)
    start = len(shop.events())

    stripe.advance(seconds=23 * 3600)

    assert state(shop, rented.subscription) == ("incomplete_expired", "void")
    assert told(shop, start) == [
        "payment_intent.canceled",
        "invoice.voided",
        "customer.subscription.updated",
    ]
