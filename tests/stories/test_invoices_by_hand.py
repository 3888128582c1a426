"""Invoices of no subscription: written by the seller, or the receipt of a checkout."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.tables import sales
from tests.worlds.ending import Ending, deeds, ending, notes
from tests.worlds.licensekit import Policy
from tests.worlds.town import Town

LICENSED = Ending(["active for ever"], ["paid"], [], [1], [])
YEAR = tuple(int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2030, 2031))


def tell_only(town: Town, object_id: str, *event_types: str) -> None:
    """Of all that was lost, these events come after all."""
    town.stripe.switch(drop_types=[])
    for event in town.world.events(object_id):
        if event["type"] in event_types:
            town.stripe.shop.resend(event["id"])
    town.settle()


def order_of(town: Town, policy: Policy) -> list[tuple[str, int]]:
    """Which payment each order is for, and how many lines of it."""
    return [
        (one["external_id"], len(one["metadata"]["lines"]))
        for one in town.world.books.orders(policy.product_id)
    ]


@pytest.mark.parametrize("way", ["by card", "out of band", "out of band, later"])
def test_an_invoice_over_two_products_becomes_two_orders(town: Town, way: str) -> None:
    """Each LicenseKit product has its own order and license; money from elsewhere is money."""
    first, editor = town.world.price()
    years = town.world.books.policy("time_limited")
    second = town.stripe.shop.price("Support", 9900)
    town.world.map(second, years)
    customer = town.stripe.shop.customer(email="ada@example.com")

    invoice = town.stripe.shop.invoice(
        customer,
        [{"price": first, "quantity": 2}, second],
        period=YEAR,
        pay=way == "by card",
        out_of_band=way == "out of band",
    )
    if way == "out of band, later":
        town.settle()
        assert ending(town, editor, invoice) == Ending([], [], [], [], [])
        town.stripe.shop.pay_invoice_elsewhere(invoice)
    town.settle()

    assert ending(town, editor, invoice) == Ending(["active for ever"], ["paid"], [], [1, 0], [])
    assert ending(town, years, invoice) == Ending(
        ["active until 2031-01-01"], ["paid"], [], [0, 1], []
    )
    assert order_of(town, editor) == order_of(town, years) == [(invoice, 1)]
    assert deeds(town) == ["issue for ever", "issue until 2031-01-01"]


@pytest.mark.parametrize(
    "told",
    [
        ("invoice.paid",),
        ("invoice.payment_succeeded",),
        ("invoice.payment_succeeded", "invoice.paid"),
    ],
)
def test_invoice_paid_and_payment_succeeded_are_one_fact(town: Town, told: tuple[str, ...]) -> None:
    """Either alone is enough, and both are not two sales."""
    price, policy = town.world.price()
    customer = town.stripe.shop.customer(email="ada@example.com")
    town.stripe.switch(drop_types=["*"])
    invoice = town.stripe.shop.invoice(customer, price)

    tell_only(town, invoice, *told)

    assert ending(town, policy, invoice) == LICENSED
    assert deeds(town) == ["issue for ever"]
    assert set(notes(town)) == {f"{invoice} is paid"}


def test_an_invoice_that_is_void_or_written_off_sells_nothing(town: Town) -> None:
    """Until it is paid after all, which only a void one can't be."""
    price, policy = town.world.price()
    shop = town.stripe.shop
    customer = shop.customer(email="ada@example.com")
    void, lost = (shop.invoice(customer, price, pay=False) for _ in range(2))
    shop.void_invoice(void)
    shop.give_up_invoice(lost)
    town.settle()
    assert ending(town, policy, lost) == Ending([], [], [], [], [])
    assert set(notes(town)) == {f"{void} is void", f"{lost} is written off as uncollectible"}

    shop.pay_invoice_elsewhere(lost)
    town.settle()

    assert ending(town, policy, lost) == LICENSED


CHECKOUTS: dict[str, dict[str, Any]] = {
    "paid": {},
    "free": {"discount_percent": 100},
    "slow": {"unpaid": True},
}


@pytest.mark.parametrize(
    ("way", "told"),
    [
        *((way, "all") for way in CHECKOUTS),
        ("paid", "invoice.paid"),
        ("free", "invoice.paid"),
        ("paid", "checkout.session.completed"),
    ],
)
def test_a_checkout_that_writes_an_invoice_is_one_sale(town: Town, way: str, told: str) -> None:
    """The invoice is its receipt, also one over nothing: the sale is the checkout."""
    price, policy = town.world.price()
    town.stripe.switch(drop_types=[] if told == "all" else ["*"])

    session = town.stripe.shop.buy(price, invoice_creation=True, **CHECKOUTS[way]).session
    if way == "slow":
        town.stripe.shop.settle(session)
    invoice = str(town.stripe.shop.read(session)["invoice"])
    if told != "all":
        tell_only(town, invoice if told == "invoice.paid" else session, told)
    town.settle()

    assert ending(town, policy, session) == LICENSED
    assert order_of(town, policy) == [(session, 1)]
    assert deeds(town) == ["issue for ever"]
    moved = {row.object_id for row in town.world.rows(sales) if row.moved_to is not None}
    assert moved == (set() if told == "checkout.session.completed" else {invoice})


def test_an_invoice_paid_from_a_customers_credit_is_paid(town: Town) -> None:
    """No payment was taken for it, and no checkout of the same day is mistaken for its own."""
    price, policy = town.world.price()
    shop = town.stripe.shop
    bought = shop.buy(price, invoice_creation=True, discount_percent=100)
    shop.credit(str(bought.customer), 4900)

    invoice = shop.invoice(str(bought.customer), price)
    town.settle()

    assert shop.read(invoice)["amount_due"] == 0
    assert sorted(order_of(town, policy)) == sorted([(bought.session, 1), (invoice, 1)])
    found = ending(town, policy, invoice)
    assert (found.licenses, found.problems) == (["active for ever"] * 2, [])
