"""Pauses: of collecting money, where invoices go on, and of the subscription itself."""

from __future__ import annotations

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.bills import billed, newest, periods, state
from tests.contract.simulator.test_one_time_purchases import told
from tests.contract.simulator.test_subscriptions import at


@pytest.mark.parametrize(
    ("behavior", "invoice", "last"),
    [
        ("keep_as_draft", "draft", "customer.subscription.updated"),
        ("mark_uncollectible", "uncollectible", "invoice.marked_uncollectible"),
        ("void", "void", "invoice.voided"),
    ],
)
def test_while_collecting_is_paused_nobody_pays_the_invoices(
    shop: Shop, stripe: Stripe, *, behavior: str, invoice: str, last: str
) -> None:
    """The status stays as it is, and periods go on."""
    monthly = shop.price("Editor monthly", 900, recurring={"interval": "month"})
    rented = str(shop.subscribe(monthly).subscription)

    shop.pause_collection(rented, behavior)
    stripe.advance(days=30)

    assert shop.read(rented)["pause_collection"] == {"behavior": behavior, "resumes_at": None}
    assert state(shop, rented) == ("active", invoice)
    assert periods(shop, rented) == ["2026-02-28 to 2026-03-31"]
    assert told(shop)[-1] == last
    assert len(shop.books.all("charge")) == 1


def test_collecting_goes_on_when_the_pause_is_taken_back(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """From the next invoice on."""
    rented = str(shop.subscribe(monthly).subscription)
    client.v1.subscriptions.update(rented, {"pause_collection": {"behavior": "void"}})
    stripe.advance(days=30)

    client.v1.subscriptions.update(rented, {"pause_collection": ""})
    stripe.advance(days=30)

    assert shop.read(rented)["pause_collection"] is None
    assert state(shop, rented) == ("active", "paid")


def test_collecting_goes_on_by_itself_at_the_moment_given(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """With an event at that moment."""
    rented = str(shop.subscribe(monthly).subscription)
    shop.pause_collection(rented, "void", resumes_at="2026-03-15T00:00:00Z")

    stripe.advance(to=at("2026-03-15T00:00:00"))

    event = shop.events()[-1]
    assert (event["type"], event["created"]) == (
        "customer.subscription.updated",
        at("2026-03-15T00:00:00"),
    )
    assert event["data"]["previous_attributes"] == {
        "pause_collection": {"behavior": "void", "resumes_at": at("2026-03-15T00:00:00")}
    }


def test_a_pause_of_collecting_needs_a_behavior_that_stripe_knows(shop: Shop, monthly: str) -> None:
    """Else nothing is paused."""
    rented = str(shop.subscribe(monthly).subscription)

    with pytest.raises(Exception, match="Invalid behavior"):
        shop.pause_collection(rented, "forget")

    assert shop.read(rented)["pause_collection"] is None


def test_a_paused_subscription_bills_nothing(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """It has a status of its own, says why, and begins no period."""
    rented = str(shop.subscribe(monthly).subscription)
    stripe.advance(days=14)
    start = len(shop.events())

    client.v1.subscriptions.pause(rented)
    stripe.advance(days=60)

    subscription = shop.read(rented)
    assert subscription["status"] == "paused"
    assert subscription["status_details"]["paused"]["subscription"] == {"type": "pause_requested"}
    assert periods(shop, rented) == ["2026-01-31 to 2026-02-28"]
    assert told(shop, start) == [
        "invoiceitem.created",
        "customer.subscription.updated",
        "customer.subscription.paused",
    ]


def test_a_resumed_subscription_begins_a_new_period_and_pays_it(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """Less what was paid before the pause and not used."""
    rented = str(shop.subscribe(monthly).subscription)
    stripe.advance(days=14)
    shop.pause(rented)
    stripe.advance(days=10)

    client.v1.subscriptions.resume(rented)

    assert state(shop, rented) == ("active", "paid")
    assert billed(shop, newest(shop, rented)) == [
        "-450 proration 2026-02-14 to 2026-02-28",
        "900 2026-02-24 to 2026-03-24",
    ]
    assert "customer.subscription.resumed" in told(shop)


def test_a_subscription_may_resume_in_its_old_period(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """Billed for the rest of it with the next invoice."""
    rented = str(shop.subscribe(monthly).subscription)
    stripe.advance(days=7)
    client.v1.subscriptions.pause(rented, {"bill_for": {"unused_time_from": {"type": "none"}}})
    stripe.advance(days=7)

    client.v1.subscriptions.resume(rented, {"billing_cycle_anchor": {"type": "unchanged"}})
    stripe.advance(days=15)

    assert billed(shop, newest(shop, rented)) == [
        "450 proration 2026-02-14 to 2026-02-28",
        "900 2026-02-28 to 2026-03-31",
    ]


def test_a_pause_longer_than_a_period_resumes_in_the_one_that_runs_then(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """By the old count of days, billed at once where asked for."""
    rented = str(shop.subscribe(monthly).subscription)
    shop.pause(rented, bill_for={"unused_time_from": {"type": "none"}})
    stripe.advance(to=at("2026-03-16T00:00:00"))

    shop.resume(
        rented, billing_cycle_anchor={"type": "unchanged"}, proration_behavior="always_invoice"
    )

    assert state(shop, rented) == ("active", "paid")
    assert billed(shop, newest(shop, rented)) == ["450 proration 2026-03-16 to 2026-03-31"]


def test_a_resumption_may_wait_for_its_payment(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """Paused until its invoice is paid."""
    rented = shop.subscribe(monthly)
    subscription = str(rented.subscription)
    shop.pause(subscription, bill_for={"unused_time_from": {"type": "none"}})
    shop.fail_payments(str(rented.customer))

    client.v1.subscriptions.resume(subscription, {"payment_behavior": "resume_on_payment_success"})
    before = state(shop, subscription)
    shop.unfail(str(rented.customer))
    shop.pay_invoice(newest(shop, subscription))

    assert before == ("paused", "open")
    assert state(shop, subscription) == ("active", "paid")


def test_a_resumption_that_nobody_pays_is_given_up_after_23_hours(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """Its invoice is void, and the subscription stays paused."""
    rented = shop.subscribe(monthly)
    subscription = str(rented.subscription)
    shop.pause(subscription, bill_for={"unused_time_from": {"type": "none"}})
    shop.fail_payments(str(rented.customer))
    shop.resume(subscription, payment_behavior="resume_on_payment_success")

    stripe.advance(days=2)

    assert state(shop, subscription) == ("paused", "void")


def test_a_resumption_that_can_not_be_paid_is_past_due(shop: Shop, monthly: str) -> None:
    """Where it does not wait for the money."""
    rented = shop.subscribe(monthly)
    shop.pause(str(rented.subscription), bill_for={"unused_time_from": {"type": "none"}})
    shop.fail_payments(str(rented.customer))

    shop.resume(str(rented.subscription))

    assert state(shop, rented.subscription) == ("past_due", "open")


def test_a_paused_subscription_can_be_canceled(shop: Shop, stripe: Stripe, monthly: str) -> None:
    """At once, or at a moment set before."""
    rented = str(shop.subscribe(monthly).subscription)
    shop.cancel_at(rented, "2026-03-10T00:00:00Z")
    shop.pause(rented)

    stripe.advance(days=60)

    assert shop.read(rented)["status"] == "canceled"
    assert shop.read(rented)["ended_at"] == at("2026-03-10T00:00:00")


def test_what_is_not_paused_can_not_be_resumed(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """And what is paused can't be paused again."""
    rented = str(shop.subscribe(monthly).subscription)
    with pytest.raises(sdk.InvalidRequestError, match="is active, not paused"):
        client.v1.subscriptions.resume(rented)

    shop.pause(rented)

    with pytest.raises(sdk.InvalidRequestError, match="it is paused"):
        client.v1.subscriptions.pause(rented)
