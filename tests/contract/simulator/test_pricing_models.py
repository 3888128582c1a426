"""Prices in tiers and in packages: how they are made, shown and billed."""

from __future__ import annotations

from typing import Any

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop
from tests.contract.simulator.bills import billed

TIERS: list[Any] = [
    {"up_to": 5, "unit_amount": 700},
    {"up_to": 10, "unit_amount": 650, "flat_amount": 100},
    {"up_to": "inf", "unit_amount_decimal": "600.5"},
]


def tiered(client: StripeClient, shop: Shop, mode: str = "volume", **details: Any) -> str:
    """A monthly price in tiers, made through Stripe's own client."""
    product = shop.read(shop.price("Seats", 1))["product"]
    params = {
        "currency": "usd",
        "product": product,
        "recurring": {"interval": "month"},
        "billing_scheme": "tiered",
        "tiers_mode": mode,
        "tiers": TIERS,
        **details,
    }
    return client.v1.prices.create(params).id  # type: ignore[arg-type]


def test_tiers_are_shown_only_on_demand(client: StripeClient, shop: Shop) -> None:
    """At the price, and at a subscription's item; amounts both whole and exact."""
    price = tiered(client, shop, "graduated")
    rented = shop.subscribe(price)

    plain = client.v1.prices.retrieve(price).to_dict()
    shown = client.v1.prices.retrieve(price, {"expand": ["tiers"]}).to_dict()
    subscription = client.v1.subscriptions.retrieve(
        str(rented.subscription), {"expand": ["items.data.price.tiers"]}
    ).to_dict()

    assert "tiers" not in plain
    assert (plain["billing_scheme"], plain["tiers_mode"]) == ("tiered", "graduated")
    assert (plain["unit_amount"], plain["unit_amount_decimal"]) == (None, None)
    rows = [(tier["up_to"], tier["flat_amount"], tier["unit_amount"]) for tier in shown["tiers"]]
    assert rows == [
        (5, None, 700),
        (10, 100, 650),
        (None, None, None),
    ]
    assert str(shown["tiers"][2]["unit_amount_decimal"]) == "600.5"
    assert subscription["items"]["data"][0]["price"]["tiers"] == shown["tiers"]


@pytest.mark.parametrize(
    ("mode", "quantity", "amount"),
    [
        ("graduated", 1, 700),
        ("graduated", 5, 3500),
        ("graduated", 6, 3500 + 100 + 650),
        ("graduated", 10, 3500 + 100 + 5 * 650),
        ("graduated", 13, 3500 + 100 + 5 * 650 + 1802),  # 1801.5 is rounded up
        ("volume", 5, 3500),
        ("volume", 6, 100 + 6 * 650),
        ("volume", 12, 7206),
    ],
)
def test_a_quantity_in_tiers_costs_what_the_mode_says(
    client: StripeClient, shop: Shop, *, mode: str, quantity: int, amount: int
) -> None:
    """Graduated: each unit by its own tier. Volume: all by the tier of the last."""
    price = tiered(client, shop, mode)

    rented = shop.subscribe({"price": price, "quantity": quantity})

    assert billed(shop, str(rented.invoice)) == [f"{amount} 2026-01-31 to 2026-02-28"]
    assert shop.read(rented.session)["amount_total"] == amount


@pytest.mark.parametrize(("rounding", "amount"), [("up", 2000), ("down", 1000)])
def test_packages_are_rounded_to_whole_ones(shop: Shop, rounding: str, amount: int) -> None:
    """Seven in packages of five."""
    rule = {"divide_by": 5, "round": rounding}
    price = shop.price("Pack", 1000, recurring={"interval": "month"}, transform_quantity=rule)

    rented = shop.subscribe({"price": price, "quantity": 7})

    assert shop.read(price)["transform_quantity"] == rule
    assert shop.read(str(rented.invoice))["amount_paid"] == amount


def test_a_fraction_of_a_cent_is_counted_exactly(client: StripeClient, shop: Shop) -> None:
    """And rounded once, at the end."""
    price = shop.price("Call", 0, recurring={"interval": "month"}, unit_amount_decimal="0.25")

    rented = shop.subscribe({"price": price, "quantity": 10})

    assert shop.read(price)["unit_amount"] is None
    assert shop.read(str(rented.invoice))["amount_paid"] == 3


def test_tiers_that_can_not_be_are_refused(client: StripeClient, shop: Shop) -> None:
    """They rise, the last has no end, each has an amount, and packages don't go with them."""
    rule = {"divide_by": 5, "round": "up"}
    wrong: list[dict[str, Any]] = [
        {"tiers": TIERS[:2]},
        {"tiers": [TIERS[1], TIERS[0], TIERS[2]]},
        {"tiers": [{"up_to": "inf"}]},
        {"tiers_mode": "stairs"},
        {"transform_quantity": rule},
        {"transform_quantity": {"divide_by": 0, "round": "up"}},
        {"tiers": [{"up_to": "inf", "unit_amount_decimal": "cheap"}]},
    ]

    for details in wrong:
        with pytest.raises(sdk.InvalidRequestError):
            tiered(client, shop, **details)
