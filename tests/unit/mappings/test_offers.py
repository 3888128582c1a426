"""What Stripe offers, and what the mappings sell."""

from __future__ import annotations

from typing import Any

import pytest

from console.stripe_offers import offer_of
from mappings.offers import Offer, check_offers
from mappings.values import Catalog, Mapping
from tests.unit.mappings.examples import mapping

EDITOR = Offer("price_1", "prod_1", "Editor", "4900 eur in minor units")


def told(*mappings: Mapping, offers: tuple[Offer, ...] = (EDITOR,), account: str = "") -> list[str]:
    found = check_offers(Catalog(mappings), offers, account=account, livemode=False)
    return [f"{finding.level}: {finding}" for finding in found]


@pytest.mark.parametrize("stripe_id", ["price_1", "prod_1"])
def test_a_price_that_is_mapped_by_itself_or_by_its_product_is_in_order(stripe_id: str) -> None:
    """Either is enough."""
    assert told(mapping(1, stripe_id)) == []


def test_a_price_that_is_on_sale_and_not_mapped_is_told_with_name_and_amount() -> None:
    """Its first buyer would be the one to find out."""
    assert told() == [
        'warning: price_1 in test mode: sells "Editor" for 4900 eur in minor units and has no '
        "mapping, nor has prod_1, so whoever buys it waits"
    ]


def test_a_mapping_of_what_is_no_longer_on_sale_is_told() -> None:
    """It may be meant so: what was sold goes on."""
    sells, after = (
        "in test mode: sells prod_lk / pol_1, but Stripe has",
        "old sales keep their terms",
    )

    assert told(mapping(1), mapping(2, "prod_1"), offers=()) == [
        f"warning: price_1 {sells} no such active price: {after}",
        f"warning: prod_1 {sells} no active price of it: {after}",
    ]


def test_other_accounts_and_the_other_mode_are_left_alone() -> None:
    """One look compares one account in one mode."""
    others = (mapping(1, "price_9", account="acct_1"), mapping(2, "price_9", livemode=True))

    assert told(*others, mapping(3)) == []
    assert len(told(mapping(1), account="acct_1")) == 1
    assert told(mapping(1, account="acct_1"), account="acct_1") == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"unit_amount": 4900}, "4900 eur in minor units"),
        ({"unit_amount": 0}, "0 eur in minor units"),
        ({"unit_amount_decimal": "0.5"}, "0.5 eur in minor units"),
        ({"billing_scheme": "tiered"}, "tiers in eur"),
        ({"custom_unit_amount": {}}, "what the buyer chooses in eur"),
        (
            {"unit_amount": 1, "recurring": {"interval": "month", "interval_count": 1}},
            "1 eur in minor units, every month",
        ),
        (
            {"unit_amount": 1, "recurring": {"interval": "month", "interval_count": 3}},
            "1 eur in minor units, every 3 months",
        ),
    ],
)
def test_the_amount_of_a_price_is_told_exactly(fields: dict[str, Any], says: str) -> None:
    """As Stripe has it, without a guess about the currency's digits."""
    product = {"id": "prod_1", "name": "Editor"}

    offer = offer_of({"id": "price_1", "currency": "eur", "product": product, **fields})

    assert offer == Offer("price_1", "prod_1", "Editor", says)
