"""The clock moves, and subscriptions renew, on the right day and in Stripe's manner."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.test_one_time_purchases import told
from tests.contract.simulator.test_subscriptions import at


def periods(shop: Shop) -> list[str]:
    """The end of each period that was paid, as a date."""
    invoices = [event["data"]["object"] for event in shop.events()]
    return [
        datetime.fromtimestamp(line["period"]["end"], UTC).date().isoformat()
        for invoice in invoices
        if invoice["object"] == "invoice" and invoice["status"] == "paid"
        for line in invoice["lines"]["data"]
    ][::2]  # `invoice.paid` and `invoice.payment_succeeded` tell the same


def test_a_renewal_is_told_in_stripes_manner(shop: Shop, stripe: Stripe, monthly: str) -> None:
    """First the draft and the new period, an hour later the money."""
    shop.subscribe(monthly)
    start = len(shop.events())

    stripe.advance(days=30)

    assert told(shop, start) == [
        "invoice.created",
        "customer.subscription.updated",
        "payment_intent.created",
        "invoice.finalized",
        "payment_intent.succeeded",
        "charge.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
    ]


def test_a_renewal_stays_a_draft_for_an_hour(shop: Shop, stripe: Stripe, monthly: str) -> None:
    """The period has begun, and is not paid yet."""
    subscription = str(shop.subscribe(monthly).subscription)

    stripe.advance(to=at("2026-02-28T12:30:00"))

    invoice = shop.read(shop.read(subscription)["latest_invoice"])
    assert (invoice["status"], invoice["billing_reason"]) == ("draft", "subscription_cycle")
    stripe.advance(seconds=3600)
    assert shop.read(invoice["id"])["status"] == "paid"


def test_a_subscription_from_the_31st_comes_back_to_it_after_short_months(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """The day is counted from the first one, not from the last."""
    shop.subscribe(monthly)

    stripe.advance(to=at("2026-06-01T00:00:00"))

    assert periods(shop) == ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"]


def test_items_of_different_length_renew_each_in_its_time(
    shop: Shop, stripe: Stripe, monthly: str, yearly: str
) -> None:
    """A month's renewal leaves the year's item alone; when both are due they share an invoice."""
    rented = shop.subscribe([monthly, yearly])

    stripe.advance(days=35)
    first = shop.read(shop.read(str(rented.subscription))["latest_invoice"])
    stripe.advance(to=at("2027-01-31T20:00:00"))
    twelfth = shop.read(shop.read(str(rented.subscription))["latest_invoice"])

    assert [line["amount"] for line in first["lines"]["data"]] == [900]
    assert [line["amount"] for line in twelfth["lines"]["data"]] == [900, 9000]


def test_a_renewal_says_what_the_period_was_before(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """In `previous_attributes`, with the invoice before."""
    rented = shop.subscribe(monthly)
    start = len(shop.events())

    stripe.advance(days=28)

    updated = shop.events()[start:][1]
    previous = updated["data"]["previous_attributes"]
    assert previous["items"]["data"][0]["current_period_end"] == at("2026-02-28T12:00:00")
    assert previous["latest_invoice"] == rented.invoice


def test_events_happen_at_their_own_moment_however_far_the_clock_moves(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """A year in one step looks like a year in many."""
    shop.subscribe(monthly)

    stripe.advance(days=366)

    paid = [event["created"] for event in shop.events() if event["type"] == "invoice.paid"]
    assert len(paid) == 12 + 1
    assert paid == sorted(set(paid))


def test_the_clock_never_goes_back(stripe: Stripe) -> None:
    """It can stand still, but not go back."""
    with pytest.raises(ValueError, match="can't go back"):
        stripe.advance(seconds=-1)


def test_the_clock_moves_only_when_told(stripe: Stripe, shop: Shop, once: str) -> None:
    """Whole seconds, from the time it was started at."""
    shop.buy(once)

    assert {event["created"] for event in shop.events()} == {at("2026-01-31T12:00:00")}
    assert stripe.advance(days=1) == at("2026-02-01T12:00:00")


def test_a_failed_renewal_makes_the_subscription_past_due(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """The invoice stays open and will be tried again."""
    rented = shop.subscribe(monthly)
    shop.fail_payments(str(rented.customer))

    stripe.advance(days=29)

    subscription = shop.read(str(rented.subscription))
    invoice = shop.read(subscription["latest_invoice"])
    assert subscription["status"] == "past_due"
    assert (invoice["status"], invoice["attempt_count"]) == ("open", 1)
    assert invoice["next_payment_attempt"] == at("2026-03-03T13:00:00")
    assert told(shop)[-2:] == ["invoice.payment_failed", "customer.subscription.updated"]


def test_a_card_that_works_again_cures_at_the_next_attempt(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """Three days later, by itself."""
    rented = shop.subscribe(monthly)
    shop.fail_payments(str(rented.customer))
    stripe.advance(days=29)

    shop.unfail(str(rented.customer))
    stripe.advance(days=3)

    subscription = shop.read(str(rented.subscription))
    assert subscription["status"] == "active"
    assert shop.read(subscription["latest_invoice"])["status"] == "paid"


def test_an_open_invoice_can_be_paid_at_once(shop: Shop, stripe: Stripe, monthly: str) -> None:
    """Without waiting for the next attempt."""
    rented = shop.subscribe(monthly)
    shop.fail_payments(str(rented.customer))
    stripe.advance(days=29)
    invoice = shop.read(str(rented.subscription))["latest_invoice"]

    refused = shop.pay_invoice(invoice)
    shop.unfail(str(rented.customer))

    assert (refused, shop.pay_invoice(invoice)) == (False, True)
    assert shop.read(str(rented.subscription))["status"] == "active"


def test_after_the_last_attempt_the_subscription_is_canceled(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """After 3, 5 and 7 more days; nothing is asked for any more."""
    rented = shop.subscribe(monthly)
    shop.fail_payments(str(rented.customer))

    stripe.advance(days=28 + 3 + 5 + 7 + 1)

    subscription = shop.read(str(rented.subscription))
    assert subscription["status"] == "canceled"
    assert subscription["cancellation_details"]["reason"] == "payment_failed"
    assert shop.read(subscription["latest_invoice"])["next_payment_attempt"] is None


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 2, 1, tzinfo=UTC),
        at("2026-02-01"),
        "2026-02-01T00:00:00Z",
        "2026-02-01T02:00+02:00",
    ],
)
def test_the_clock_can_be_moved_to_a_moment(stripe: Stripe, moment: datetime | int | str) -> None:
    """As a datetime, in seconds, or in ISO form."""
    assert stripe.advance(to=moment) == at("2026-02-01")


def test_a_moment_without_an_offset_is_refused(stripe: Stripe) -> None:
    """Nobody should have to guess the time zone."""
    with pytest.raises(ValueError, match="has no offset"):
        stripe.advance(to="2026-03-01T00:00:00")
