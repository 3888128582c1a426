"""Subscriptions of several items, several subscriptions, and renewals that cost nothing."""

from __future__ import annotations

import pytest

from simulator.orders import Purchase
from tests.worlds.ending import Ending, deeds, ending, invoices
from tests.worlds.licensekit import Policy
from tests.worlds.town import Town
from tests.worlds.world import MONTH

YEAR = {"interval": "year"}
CENTS = 4900  # what a period costs, unless it is free


def pass_months(town: Town, *days: int) -> None:
    """Renewals come a little after their day, when the invoice is final."""
    for number in days:
        town.stripe.advance(days=number, seconds=7200)
        town.settle()


def ends_of(town: Town, policy: Policy) -> dict[str, str]:
    """The end of the license of each subscription item."""
    return {
        one["metadata"]["stripe_line_item"]: f"{one['status']} {one['expires_at'][:10]}"
        for one in town.world.books.licenses(policy.product_id)
    }


def named_lines(town: Town, sale: Purchase) -> list[str]:
    """The items of the licenses that a subscription's metadata names."""
    ids = town.world.metadata(sale.subscription)["licensekit_license_ids"].split(",")
    return [town.world.books.license(one)["metadata"]["stripe_line_item"] for one in ids]


def test_pain_19_each_item_of_a_subscription_has_its_license_and_its_own_end(
    town_on_a_clock: Town,
) -> None:
    """A month and a year in one subscription: the month's renewal leaves the year alone."""
    town = town_on_a_clock
    monthly, editor = town.world.price("subscription", recurring=MONTH)
    yearly, support = town.world.price("subscription", recurring=YEAR)

    sale = town.stripe.shop.subscribe([monthly, yearly])
    town.settle()
    pass_months(town, 31, 28)

    month, year = sale.items
    assert ends_of(town, editor) == {month: "active 2030-04-01"}
    assert ends_of(town, support) == {year: "active 2031-01-01"}
    assert ending(town, editor, sale.subscription) == Ending(
        ["active until 2030-04-01"], ["paid"] * 3, ["active until 2030-04-01"], [1, 0], []
    )
    assert ending(town, support, sale.subscription) == Ending(
        ["active until 2031-01-01"], ["paid"], ["active until 2031-01-01"], [0, 1], []
    )
    assert deeds(town) == [
        "issue until 2030-02-01",
        "issue until 2031-01-01",
        "renew until 2030-03-01",
        "renew until 2030-04-01",
    ]


def test_pain_19_two_items_of_one_product_share_its_order_and_record(town: Town) -> None:
    """An order is a payment's share in one LicenseKit product, however many lines it has."""
    first, policy = town.world.price("subscription", recurring=MONTH)
    second = town.stripe.shop.price("Viewer", 900, recurring=MONTH)
    town.world.map(second, policy)

    sale = town.stripe.shop.subscribe([first, second])
    town.settle()

    assert set(ends_of(town, policy)) == set(sale.items)
    found = ending(town, policy, sale.subscription)
    assert (len(found.licenses), found.orders, len(found.records)) == (2, ["paid"], 1)
    assert (found.named, found.problems) == ([1, 2], [])


def test_pain_18_what_happens_to_one_subscription_leaves_the_buyers_others_alone(
    town_on_a_clock: Town,
) -> None:
    """One of three of the same buyer and price is canceled, one grows older, one is refunded."""
    town = town_on_a_clock
    price, policy = town.world.price("subscription", recurring=MONTH)
    town.world.map(price, policy, on_cancel="revoke")
    customer = town.stripe.shop.customer(email="ada@example.com")
    kept, canceled, refunded = (
        town.stripe.shop.subscribe(price, customer=customer) for _ in range(3)
    )
    town.settle()

    town.stripe.shop.cancel(str(canceled.subscription))
    town.settle()
    (payment,) = [
        row["payment"]["payment_intent"]
        for row in town.stripe.shop.books.all("invoice_payment")
        if row["invoice"] == refunded.invoice
    ]
    town.stripe.shop.refund(payment_intent=payment)
    town.settle()

    assert ends_of(town, policy) == {
        kept.items[0]: "active 2030-02-01",
        canceled.items[0]: "revoked 2030-02-01",
        refunded.items[0]: "revoked 2030-02-01",
    }
    assert deeds(town)[3:] == ["revoke: canceled", "revoke: refunded"]
    assert len(town.world.books.customers()) == 1
    found = ending(town, policy, kept.subscription)
    assert (sorted(found.orders), sorted(found.records), found.problems) == (
        ["paid", "paid", "refunded"],
        [f"{status} until 2030-02-01" for status in ("active", "active", "canceled")],
        [],
    )
    assert [named_lines(town, sale) for sale in (kept, canceled, refunded)] == [
        list(sale.items) for sale in (kept, canceled, refunded)
    ]


FREE_WAYS = ("free price", "coupon for ever", "coupon on the renewals", "credit")


@pytest.mark.parametrize("way", FREE_WAYS)
def test_pain_11_renewals_that_cost_nothing_are_paid(town_on_a_clock: Town, way: str) -> None:
    """Paid is a status: each period extends the license once, whatever was charged for it."""
    town = town_on_a_clock
    shop = town.stripe.shop
    amount = 0 if way == "free price" else CENTS
    policy = town.world.books.policy("subscription")
    price = shop.price("Editor", amount, recurring=MONTH)
    town.world.map(price, policy)
    customer = shop.customer(email="ada@example.com")
    coupon = shop.coupon(100, "forever")
    discount = {"coupon": coupon} if way == "coupon for ever" else {}

    sale = shop.subscribe(price, customer=customer, **discount)
    if way == "coupon on the renewals":
        shop.discount(str(sale.subscription), coupon)
    if way == "credit":
        shop.credit(customer, 2 * CENTS)
    town.settle()
    pass_months(town, 31, 28)

    assert ending(town, policy, sale.subscription) == Ending(
        ["active until 2030-04-01"], ["paid"] * 3, ["active until 2030-04-01"], [1], []
    )
    charged = [shop.read(name)["amount_due"] for name in invoices(town, sale.subscription)]
    assert charged[1:] == [0, 0]
    assert deeds(town) == [
        "issue until 2030-02-01",
        "renew until 2030-03-01",
        "renew until 2030-04-01",
    ]
