"""Items that come, go, and keep a length of their own."""

from __future__ import annotations

from stripe import StripeClient

from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.bills import billed, newest, periods
from tests.contract.simulator.test_item_changes import sold


def test_an_item_that_is_added_is_billed_for_its_part_of_the_period(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str, bigger: str
) -> None:
    """And renews with the others."""
    rented = shop.subscribe(monthly)
    stripe.advance(days=14)

    added = shop.add_item(str(rented.subscription), bigger, 2)
    stripe.advance(days=15)

    listed = client.v1.subscription_items.list({"subscription": str(rented.subscription)})
    assert [item.id for item in listed.data] == [rented.items[0], added]
    assert billed(shop, newest(shop, rented.subscription)) == [
        "2900 proration 2026-02-14 to 2026-02-28",
        "900 2026-02-28 to 2026-03-31",
        "5800 2026-02-28 to 2026-03-31",
    ]


def test_an_item_of_another_length_keeps_a_period_of_its_own(
    shop: Shop, stripe: Stripe, monthly: str, yearly: str
) -> None:
    """Invoices bill only what is due."""
    rented = shop.subscribe(monthly)

    shop.add_item(str(rented.subscription), yearly, proration_behavior="always_invoice")
    stripe.advance(days=29)

    assert periods(shop, rented.subscription) == [
        "2026-02-28 to 2026-03-31",
        "2026-01-31 to 2027-01-31",
    ]
    assert billed(shop, newest(shop, rented.subscription)) == ["900 2026-02-28 to 2026-03-31"]


def test_one_of_two_items_may_change_its_length_alone(
    shop: Shop, stripe: Stripe, monthly: str, bigger: str, yearly: str
) -> None:
    """It is counted from that day; the other stays with its own."""
    rented = shop.subscribe([monthly, bigger])
    stripe.advance(days=14)

    shop.change_price(str(rented.subscription), yearly, item=rented.items[1])
    stripe.advance(days=365)

    assert periods(shop, rented.subscription) == [
        "2027-01-31 to 2027-02-28",
        "2027-02-14 to 2028-02-14",
    ]


def test_an_item_that_is_removed_is_credited_and_gone(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str, bigger: str
) -> None:
    """The next invoice bills only what is left."""
    rented = shop.subscribe([monthly, bigger])
    stripe.advance(days=14)

    shop.remove_item(str(rented.subscription), rented.items[1])
    stripe.advance(days=15)

    assert sold(shop, rented.subscription) == [(monthly, 1)]
    listed = client.v1.subscription_items.list({"subscription": str(rented.subscription)})
    assert [item.id for item in listed.data] == [rented.items[0]]
    assert billed(shop, newest(shop, rented.subscription)) == [
        "-1450 proration 2026-02-14 to 2026-02-28",
        "900 2026-02-28 to 2026-03-31",
    ]
