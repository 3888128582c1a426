"""Prices are retired and products renamed; what is sold stays sold."""

from __future__ import annotations

import pytest
from stripe import StripeClient

from simulator.errors import StripeFault
from simulator.shop import Shop
from simulator.stripe import Stripe


def test_a_retired_price_is_told_and_sold_no_more(shop: Shop, once: str) -> None:
    """The same price stays readable."""
    shop.archive(once)

    event = shop.events()[-1]
    assert (event["type"], event["data"]["previous_attributes"]) == (
        "price.updated",
        {"active": True},
    )
    assert shop.read(once)["active"] is False
    with pytest.raises(StripeFault, match="inactive"):
        shop.buy(once)


def test_what_was_sold_at_a_retired_price_renews(stripe: Stripe, shop: Shop, monthly: str) -> None:
    """Retiring a price is about new buyers only."""
    rented = shop.subscribe(monthly)
    shop.archive(monthly)

    stripe.advance(days=29)

    assert shop.read(str(rented.subscription))["status"] == "active"
    assert [one["amount_paid"] for one in shop.books.all("invoice")] == [900, 900]


def test_a_retired_product_is_told(client: StripeClient, shop: Shop, once: str) -> None:
    """Its prices are another matter."""
    product = shop.read(once)["product"]

    shop.archive(product)

    assert client.v1.products.retrieve(product).active is False
    assert client.v1.prices.retrieve(once).active is True
    assert shop.events()[-1]["type"] == "product.updated"


def test_a_renamed_product_is_told_with_its_old_name(stripe: Stripe, shop: Shop, once: str) -> None:
    """`updated` moves as well, as the real API has it."""
    product = shop.read(once)["product"]
    made = stripe.now
    stripe.advance(days=1)

    shop.rename(product, "Editor Pro")

    event = shop.events()[-1]
    assert (event["type"], event["data"]["object"]["name"]) == ("product.updated", "Editor Pro")
    assert event["data"]["previous_attributes"] == {"name": "Editor", "updated": made}
