"""Changes of what a subscription is for: prices, quantities, items, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.bills import billed, newest, periods, state
from tests.contract.simulator.test_one_time_purchases import told


def sold(shop: Shop, subscription: str | None) -> list[tuple[str, int]]:
    """Price and quantity of each item."""
    items = shop.read(str(subscription))["items"]["data"]
    return [(item["price"]["id"], item["quantity"]) for item in items]


def change(client: StripeClient, subscription: str | None, **params: Any) -> Mapping[str, Any]:
    """As `POST /v1/subscriptions/{id}` through Stripe's own client."""
    answered = client.v1.subscriptions.update(str(subscription), params)  # type: ignore[arg-type]
    result: Mapping[str, Any] = answered.to_dict()
    return result


def test_an_upgrade_is_settled_with_the_next_invoice(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str, bigger: str
) -> None:
    """The item keeps its id and its period; a credit and a debit wait until then."""
    rented = shop.subscribe(monthly)
    stripe.advance(days=14)
    start = len(shop.events())

    changed = change(client, rented.subscription, items=[{"id": rented.items[0], "price": bigger}])
    before = newest(shop, rented.subscription)
    told_at_once = told(shop, start)
    stripe.advance(days=15)

    assert [(row["id"], row["price"]["id"]) for row in changed["items"]["data"]] == [
        (rented.items[0], bigger)
    ]
    assert before == rented.invoice
    assert told_at_once == [
        "invoiceitem.created",
        "invoiceitem.created",
        "customer.subscription.updated",
    ]
    assert billed(shop, newest(shop, rented.subscription)) == [
        "-450 proration 2026-02-14 to 2026-02-28",
        "1450 proration 2026-02-14 to 2026-02-28",
        "2900 2026-02-28 to 2026-03-31",
    ]


def test_the_event_of_an_upgrade_says_what_the_items_were_before(
    shop: Shop, monthly: str, bigger: str
) -> None:
    """In `previous_attributes`, price and old-style plan alike."""
    rented = shop.subscribe(monthly)

    shop.change_price(str(rented.subscription), bigger)

    event = shop.events()[-1]
    previous = event["data"]["previous_attributes"]["items"]["data"][0]
    now = event["data"]["object"]["items"]["data"][0]
    assert (previous["price"]["id"], previous["plan"]["id"]) == (monthly, monthly)
    assert (now["price"]["id"], now["plan"]["id"]) == (bigger, bigger)


def test_a_proration_names_its_item_and_its_invoice_item(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str, bigger: str
) -> None:
    """As since basil: a subscription's line, with the invoice item it came from."""
    rented = shop.subscribe(monthly)
    stripe.advance(days=14)
    change(
        client,
        rented.subscription,
        items=[{"id": rented.items[0], "price": bigger}],
        proration_behavior="always_invoice",
    )
    shop.change_quantity(str(rented.subscription), 2)
    waiting = client.v1.invoice_items.list({"customer": str(rented.customer)}).data[0].to_dict()

    line = shop.read(newest(shop, rented.subscription))["lines"]["data"][0]
    assert line["parent"] == {
        "invoice_item_details": None,
        "subscription_item_details": {
            "invoice_item": None,
            "proration": True,
            "proration_details": {"credited_items": None},
            "subscription": rented.subscription,
            "subscription_item": rented.items[0],
        },
        "type": "subscription_item_details",
    }
    assert (waiting["proration"], waiting["invoice"]) == (True, None)
    assert waiting["parent"] == {
        "subscription_details": {
            "subscription": rented.subscription,
            "subscription_item": rented.items[0],
        },
        "type": "subscription_details",
    }


def test_an_upgrade_can_be_paid_at_once(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str, bigger: str
) -> None:
    """With an invoice of prorations only."""
    rented = shop.subscribe(monthly)
    stripe.advance(days=14)

    change(
        client,
        rented.subscription,
        items=[{"id": rented.items[0], "price": bigger}],
        proration_behavior="always_invoice",
    )

    invoice = shop.read(newest(shop, rented.subscription))
    assert (invoice["billing_reason"], invoice["status"], invoice["amount_paid"]) == (
        "subscription_update",
        "paid",
        1000,
    )
    assert billed(shop, invoice["id"]) == [
        "-450 proration 2026-02-14 to 2026-02-28",
        "1450 proration 2026-02-14 to 2026-02-28",
    ]


def test_a_downgrade_becomes_a_credit(
    shop: Shop, stripe: Stripe, monthly: str, bigger: str
) -> None:
    """An invoice below zero is paid, and the buyer owes less next time."""
    rented = shop.subscribe(bigger)
    stripe.advance(days=14)

    shop.change_price(str(rented.subscription), monthly, proration_behavior="always_invoice")
    invoice = shop.read(newest(shop, rented.subscription))
    balance = shop.read(str(rented.customer))["balance"]
    stripe.advance(days=15)

    assert (invoice["total"], invoice["amount_due"], invoice["status"]) == (-1000, 0, "paid")
    assert balance == -1000
    renewal = shop.read(newest(shop, rented.subscription))
    assert (renewal["total"], renewal["amount_due"], renewal["status"]) == (900, 0, "paid")


def test_a_change_without_prorations_counts_from_the_next_invoice(
    shop: Shop, stripe: Stripe, monthly: str, bigger: str
) -> None:
    """Nothing is credited and nothing is charged."""
    rented = shop.subscribe(monthly)
    stripe.advance(days=14)

    shop.change_price(str(rented.subscription), bigger, proration_behavior="none")
    stripe.advance(days=15)

    assert billed(shop, newest(shop, rented.subscription)) == ["2900 2026-02-28 to 2026-03-31"]


def test_more_seats_are_billed_for_the_rest_of_the_period(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """Credit for the old quantity, debit for the new one."""
    rented = shop.subscribe({"price": monthly, "quantity": 2})
    stripe.advance(days=14)

    shop.change_quantity(str(rented.subscription), 5, proration_behavior="always_invoice")

    assert sold(shop, rented.subscription) == [(monthly, 5)]
    assert billed(shop, newest(shop, rented.subscription)) == [
        "-900 proration 2026-02-14 to 2026-02-28",
        "2250 proration 2026-02-14 to 2026-02-28",
    ]


def test_a_discount_lowers_prorations_too(
    shop: Shop, stripe: Stripe, monthly: str, bigger: str
) -> None:
    """What was half paid is half credited."""
    rented = shop.subscribe(monthly, discount_percent=50)
    stripe.advance(days=14)

    shop.change_price(str(rented.subscription), bigger, proration_behavior="always_invoice")

    assert billed(shop, newest(shop, rented.subscription)) == [
        "-225 proration 2026-02-14 to 2026-02-28",
        "725 proration 2026-02-14 to 2026-02-28",
    ]


def test_a_change_from_month_to_year_starts_a_new_period_at_once(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str, yearly: str
) -> None:
    """Billed in full, less the unused rest of the month; renewals are counted from then."""
    rented = shop.subscribe(monthly)
    stripe.advance(days=14)

    change(client, rented.subscription, items=[{"id": rented.items[0], "price": yearly}])

    assert state(shop, rented.subscription) == ("active", "paid")
    assert billed(shop, newest(shop, rented.subscription)) == [
        "-450 proration 2026-02-14 to 2026-02-28",
        "9000 2026-02-14 to 2027-02-14",
    ]
    assert periods(shop, rented.subscription) == ["2026-02-14 to 2027-02-14"]
    stripe.advance(days=366)
    assert periods(shop, rented.subscription) == ["2027-02-14 to 2028-02-14"]


def test_a_change_in_a_trial_costs_nothing(
    shop: Shop, stripe: Stripe, monthly: str, yearly: str
) -> None:
    """The trial keeps its end; what follows is what was chosen last."""
    tried = shop.subscribe(monthly, trial_days=14)
    stripe.advance(days=7)

    shop.change_price(str(tried.subscription), yearly)
    during = periods(shop, tried.subscription)
    stripe.advance(days=8)

    assert during == ["2026-01-31 to 2026-02-14"]
    assert billed(shop, newest(shop, tried.subscription)) == ["9000 2026-02-14 to 2027-02-14"]


def test_a_change_that_can_not_be_paid_is_made_and_past_due(
    shop: Shop, stripe: Stripe, monthly: str, bigger: str
) -> None:
    """Unless the request says that it should wait."""
    rented = shop.subscribe(monthly)
    stripe.advance(days=14)
    shop.fail_payments(str(rented.customer))

    shop.change_price(str(rented.subscription), bigger, proration_behavior="always_invoice")

    assert state(shop, rented.subscription) == ("past_due", "open")
    assert sold(shop, rented.subscription) == [(bigger, 1)]


def test_what_can_not_be_changed_is_refused_whole(
    client: StripeClient, shop: Shop, monthly: str, once: str
) -> None:
    """And leaves everything as it was."""
    rented = shop.subscribe(monthly)
    item = rented.items[0]
    euros = shop.price("Euro", 900, currency="eur", recurring={"interval": "month"})
    wrong: dict[str, list[dict[str, Any]]] = {
        "at least one active plan": [{"id": item, "deleted": True}],
        "No such subscription item": [{"id": "si_none", "quantity": 2}],
        "not a recurring price": [{"id": item, "price": once}],
        "only supports `eur`": [{"price": euros}],
        "same plan": [{"price": monthly}],
        "No such price": [{"price": "price_none"}],
    }

    for text, rows in wrong.items():
        with pytest.raises(sdk.InvalidRequestError, match=text):
            change(client, rented.subscription, items=rows, metadata={"a": "b"})

    assert sold(shop, rented.subscription) == [(monthly, 1)]
    assert shop.read(str(rented.subscription))["metadata"] == {}


def test_one_request_is_told_in_one_event(
    client: StripeClient, shop: Shop, monthly: str, bigger: str
) -> None:
    """Whatever it changes."""
    rented = shop.subscribe(monthly)
    start = len(shop.events())

    change(
        client,
        rented.subscription,
        items=[{"id": rented.items[0], "price": bigger}],
        metadata={"seat": "left"},
        cancel_at_period_end=True,
        proration_behavior="none",
    )

    assert told(shop, start) == ["customer.subscription.updated"]
    assert set(shop.events()[-1]["data"]["previous_attributes"]) == {
        "cancel_at",
        "cancel_at_period_end",
        "canceled_at",
        "cancellation_details",
        "items",
        "metadata",
    }
