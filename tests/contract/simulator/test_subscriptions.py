"""A subscription from its first payment to its end."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.errors import StripeFault
from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.test_one_time_purchases import told


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_a_new_subscription_is_told_in_stripes_manner(shop: Shop, monthly: str) -> None:
    """Incomplete at first, active once its invoice is paid."""
    shop.subscribe(monthly)

    assert told(shop) == [
        "customer.created",
        "customer.subscription.created",
        "invoice.created",
        "payment_intent.created",
        "invoice.finalized",
        "payment_intent.succeeded",
        "charge.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "customer.subscription.updated",
        "checkout.session.completed",
    ]
    assert shop.events()[-2]["data"]["previous_attributes"] == {"status": "incomplete"}


def test_each_item_has_a_period_of_its_own(shop: Shop, monthly: str, yearly: str) -> None:
    """The subscription itself has none since basil."""
    rented = shop.subscribe([monthly, yearly])

    subscription = shop.read(str(rented.subscription))
    ends = [item["current_period_end"] for item in subscription["items"]["data"]]
    assert ends == [at("2026-02-28T12:00:00"), at("2027-01-31T12:00:00")]
    assert "current_period_end" not in subscription


def test_a_line_of_the_invoice_names_its_item_and_its_price(shop: Shop, monthly: str) -> None:
    """Through `parent` and `pricing`, as since basil."""
    rented = shop.subscribe({"price": monthly, "quantity": 4})

    line = shop.read(str(rented.invoice))["lines"]["data"][0]
    details = line["parent"]["subscription_item_details"]
    assert (details["subscription_item"], details["proration"]) == (rented.items[0], False)
    assert line["pricing"]["price_details"]["price"] == monthly
    assert (line["quantity"], line["amount"]) == (4, 3600)
    assert line["period"] == {"start": at("2026-01-31T12:00:00"), "end": at("2026-02-28T12:00:00")}


def test_an_invoice_carries_ten_lines_and_the_rest_in_pages(
    client: StripeClient, shop: Shop
) -> None:
    """Whoever reads the event alone misses the eleventh."""
    month = {"interval": "month"}
    prices = [shop.price(f"Part {number}", 100, recurring=month) for number in range(12)]
    rented = shop.subscribe(prices)

    lines = shop.read(str(rented.invoice))["lines"]
    rest = client.v1.invoices.line_items.list(str(rented.invoice), {"limit": 5})

    assert (len(lines["data"]), lines["has_more"]) == (10, True)
    assert len(list(rest.auto_paging_iter())) == 12


def test_items_can_be_listed(client: StripeClient, shop: Shop, monthly: str, yearly: str) -> None:
    """Of one subscription, first item first."""
    rented = shop.subscribe([monthly, yearly])
    shop.subscribe(monthly)

    page = client.v1.subscription_items.list({"subscription": str(rented.subscription)})

    assert tuple(item.id for item in page.data) == rented.items


def test_payments_of_an_invoice_can_be_listed(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """By invoice, and the way back by payment intent."""
    rented = shop.subscribe(monthly)
    payment = client.v1.invoice_payments.list({"invoice": str(rented.invoice)}).data[0].to_dict()
    intent = payment["payment"]["payment_intent"]

    back = client.v1.invoice_payments.list(
        {"payment": {"type": "payment_intent", "payment_intent": intent}}
    )

    assert (payment["status"], payment["amount_paid"]) == ("paid", 900)
    assert [one.invoice for one in back.data] == [rented.invoice]


def test_a_free_first_invoice_is_paid_without_a_payment(shop: Shop, monthly: str) -> None:
    """`paid` and not an amount is what counts."""
    rented = shop.subscribe(monthly, discount_percent=100)

    invoice = shop.read(str(rented.invoice))
    assert (invoice["status"], invoice["amount_paid"]) == ("paid", 0)
    assert shop.read(str(rented.subscription))["status"] == "active"
    assert shop.read(rented.session)["payment_status"] == "no_payment_required"


def test_a_declined_first_payment_leaves_the_subscription_incomplete(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """And after 23 hours it expires, and its invoice is void."""
    customer = shop.customer()
    shop.fail_payments(customer)
    rented = shop.subscribe(monthly, customer=customer)
    before = shop.read(str(rented.subscription))["status"]

    stripe.advance(days=1)

    assert (before, shop.read(rented.session)["status"]) == ("incomplete", "open")
    assert shop.read(str(rented.subscription))["status"] == "incomplete_expired"
    assert shop.read(str(rented.invoice))["status"] == "void"


def test_a_subscription_canceled_now_has_ended(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """With an event of its own; it can't be canceled twice."""
    subscription = str(shop.subscribe(monthly).subscription)

    client.v1.subscriptions.cancel(subscription)

    ended = shop.read(subscription)
    assert (ended["status"], ended["ended_at"]) == ("canceled", at("2026-01-31T12:00:00"))
    assert told(shop)[-1] == "customer.subscription.deleted"
    with pytest.raises(sdk.InvalidRequestError):
        client.v1.subscriptions.cancel(subscription)


def test_a_subscription_canceled_at_period_end_runs_until_then(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """`canceled_at` is when it was asked for, `ended_at` when it ended."""
    subscription = str(shop.subscribe(monthly).subscription)

    client.v1.subscriptions.update(subscription, {"cancel_at_period_end": True})
    asked = shop.read(subscription)
    stripe.advance(days=40)

    ended = shop.read(subscription)
    assert (asked["status"], asked["cancel_at"]) == ("active", at("2026-02-28T12:00:00"))
    assert ended["canceled_at"] == at("2026-01-31T12:00:00")
    assert (ended["status"], ended["ended_at"]) == ("canceled", at("2026-02-28T12:00:00"))


def test_a_cancellation_can_be_taken_back(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """Then it renews as if nothing had been."""
    subscription = str(shop.subscribe(monthly).subscription)
    shop.cancel(subscription, at_period_end=True)

    client.v1.subscriptions.update(subscription, {"cancel_at_period_end": False})
    stripe.advance(days=40)

    kept = shop.read(subscription)
    assert (kept["status"], kept["cancel_at"], kept["canceled_at"]) == ("active", None, None)


def test_a_subscription_needs_a_recurring_price(shop: Shop, once: str) -> None:
    """A price paid once can't renew."""
    with pytest.raises(StripeFault, match="recurring"):
        shop.subscribe(once)


def test_a_subscription_carries_ten_items_and_the_rest_in_pages(
    client: StripeClient, shop: Shop, stripe: Stripe
) -> None:
    """All of them renew, also those that are not shown."""
    month = {"interval": "month"}
    prices = [shop.price(f"Part {number}", 100, recurring=month) for number in range(12)]
    rented = shop.subscribe(prices)
    stripe.advance(days=29)

    subscription = shop.read(str(rented.subscription))
    pages = client.v1.subscription_items.list({"subscription": str(rented.subscription)})

    items = subscription["items"]
    assert (len(items["data"]), items["has_more"], len(rented.items)) == (10, True, 12)
    assert len(list(pages.auto_paging_iter())) == 12
    assert shop.read(subscription["latest_invoice"])["amount_paid"] == 1200
