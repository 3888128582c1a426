"""Renewals that cost less, or nothing: coupons, and what a customer is owed."""

from __future__ import annotations

from typing import Any

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop
from simulator.stripe import Stripe

MONTHS = ["2026-02-28T14:00:00Z", "2026-03-31T14:00:00Z", "2026-04-30T14:00:00Z"]


def paid(shop: Shop) -> list[tuple[int, str]]:
    """What each invoice cost, oldest first, and what became of it."""
    return [(one["amount_paid"], one["status"]) for one in shop.books.all("invoice")]


def through(stripe: Stripe, shop: Shop) -> list[tuple[int, str]]:
    """The invoices of three renewals."""
    for moment in MONTHS:
        stripe.advance(to=moment)
    return paid(shop)


@pytest.mark.parametrize(
    ("terms", "costs"),
    [
        ({"duration": "once"}, [0, 900, 900, 900]),
        ({"duration": "repeating", "duration_in_months": 2}, [0, 0, 900, 900]),
        ({"duration": "forever"}, [0, 0, 0, 0]),
    ],
)
def test_a_coupon_lowers_as_many_invoices_as_it_says(
    stripe: Stripe, shop: Shop, monthly: str, terms: Any, costs: list[int]
) -> None:
    """The first one, some months, or all; what costs nothing is paid all the same."""
    shop.subscribe(monthly, coupon=shop.coupon(100, **terms))

    assert through(stripe, shop) == [(cost, "paid") for cost in costs]


def test_a_free_renewal_is_paid_without_a_payment(
    client: StripeClient, stripe: Stripe, shop: Shop, monthly: str
) -> None:
    """Both events that tell of a paid invoice come."""
    rented = shop.subscribe(monthly, coupon=shop.coupon(100, "forever"))
    start = len(shop.events())

    stripe.advance(to=MONTHS[0])

    renewal = shop.books.all("invoice")[-1]["id"]
    types = [event["type"] for event in shop.events()[start:]]
    assert client.v1.invoice_payments.list({"invoice": renewal}).data == []
    assert client.v1.charges.list({"customer": str(rented.customer)}).data == []
    assert [name for name in types if name.startswith("invoice.")] == [
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]


def test_an_invoice_says_what_a_coupon_took_off(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """A line tells its amount before that, as the real API does."""
    rented = shop.subscribe(monthly, coupon=shop.coupon(12.5, "forever", name="Friends"))

    invoice = client.v1.invoices.retrieve(
        str(rented.invoice), {"expand": ["discounts.source.coupon"]}
    ).to_dict()

    discount = invoice["discounts"][0]
    assert (invoice["subtotal"], invoice["total"]) == (900, 788)
    assert invoice["lines"]["data"][0]["amount"] == 900
    assert invoice["total_discount_amounts"] == [{"amount": 112, "discount": discount["id"]}]
    assert discount["source"]["coupon"]["name"] == "Friends"
    assert shop.read(str(rented.subscription))["discounts"] == [discount["id"]]


def test_a_running_subscription_can_get_a_coupon(stripe: Stripe, shop: Shop, monthly: str) -> None:
    """It lowers the next invoice, and is told as the subscription's change."""
    rented = shop.subscribe(monthly)
    start = len(shop.events())

    shop.discount(str(rented.subscription), shop.coupon(50))

    told = [event["type"] for event in shop.events()[start:]]
    assert told == [
        "coupon.created",
        "customer.discount.created",
        "customer.subscription.updated",
    ]
    assert through(stripe, shop)[:3] == [(900, "paid"), (450, "paid"), (900, "paid")]


def test_a_checkout_page_takes_a_coupon(client: StripeClient, shop: Shop, once: str) -> None:
    """Made and used through the API."""
    coupon = client.v1.coupons.create({"percent_off": 50, "duration": "once", "id": "HALF"})
    given: Any = {
        "mode": "payment",
        "line_items": [{"price": once, "quantity": 1}],
        "discounts": [{"coupon": coupon.id}],
    }

    session = client.v1.checkout.sessions.create(given)

    assert (session.amount_total, client.v1.coupons.retrieve("HALF").percent_off) == (2450, 50)


@pytest.mark.parametrize("percent", ["0", "101", "half"])
def test_a_coupon_takes_off_a_share(client: StripeClient, percent: str) -> None:
    """More than nothing, and at most all."""
    given: Any = {"percent_off": percent, "duration": "once"}

    with pytest.raises(sdk.InvalidRequestError, match="percent_off"):
        client.v1.coupons.create(given)


def test_a_credit_pays_a_renewal_in_full(
    client: StripeClient, stripe: Stripe, shop: Shop, monthly: str
) -> None:
    """Nothing is due, there is no payment, and the rest of the credit stays."""
    rented = shop.subscribe(monthly)
    shop.credit(str(rented.customer), 1000)

    stripe.advance(to=MONTHS[0])

    renewal = shop.books.all("invoice")[-1]
    assert (renewal["status"], renewal["total"], renewal["amount_due"]) == ("paid", 900, 0)
    assert (renewal["starting_balance"], renewal["ending_balance"]) == (-1000, -100)
    assert client.v1.invoice_payments.list({"invoice": renewal["id"]}).data == []
    assert client.v1.customers.retrieve(str(rented.customer)).balance == -100


def test_a_credit_pays_a_renewal_in_part(stripe: Stripe, shop: Shop, monthly: str) -> None:
    """The card pays the rest."""
    rented = shop.subscribe(monthly)
    shop.credit(str(rented.customer), 300)

    stripe.advance(to=MONTHS[0])

    renewal, charge = shop.books.all("invoice")[-1], shop.books.all("charge")[-1]
    assert (renewal["total"], renewal["amount_paid"], charge["amount"]) == (900, 600, 600)


def test_moves_of_a_credit_are_listed_newest_first(
    client: StripeClient, stripe: Stripe, shop: Shop, monthly: str
) -> None:
    """Given through the API, taken by an invoice; the customer's change is told each time."""
    customer = str(shop.subscribe(monthly).customer)
    start = len(shop.events())

    client.v1.customers.balance_transactions.create(
        customer, {"amount": -1000, "currency": "usd", "description": "Sorry"}
    )
    stripe.advance(to=MONTHS[0])

    rows = client.v1.customers.balance_transactions.list(customer).data
    assert [(row.type, row.amount, row.ending_balance) for row in rows] == [
        ("applied_to_invoice", 900, -100),
        ("adjustment", -1000, -1000),
    ]
    changes = [
        event["data"]["previous_attributes"]["balance"]
        for event in shop.events()[start:]
        if event["type"] == "customer.updated"
    ]
    assert changes == [0, -1000]


def test_a_voided_invoice_gives_its_credit_back(shop: Shop, once: str) -> None:
    """As if it had never been."""
    customer = shop.customer()
    shop.credit(customer, 300)
    invoice = shop.invoice(customer, once, pay=False)
    between = shop.read(customer)["balance"]

    shop.void_invoice(invoice)

    assert (between, shop.read(customer)["balance"]) == (0, -300)
