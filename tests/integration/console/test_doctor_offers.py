"""What the check tells of prices that are for sale and sell no license."""

from __future__ import annotations

import pytest

from console.doctor.selling import look_at_offers
from tests.integration.console.healthy import House


def test_an_active_price_without_a_mapping_is_named(house: House) -> None:
    """Whoever buys it waits; one that is archived can't be bought."""
    assert house.one(look_at_offers) == ("ok", "all 1 active prices are mapped")
    price = house.shop.stripe.shop.price("Viewer", 900)

    status, told = house.one(look_at_offers)

    assert status == "warn"
    assert f"1 active and not mapped, so whoever buys them waits: {price} (Viewer)" in told
    house.shop.stripe.shop.archive(price)
    assert house.one(look_at_offers)[0] == "ok"


def test_each_account_is_asked_for_its_own_prices(house: House) -> None:
    """A mapping of ours does not sell what theirs offers."""
    theirs = house.shop.stripe.shop_of("acct_theirs")
    prices = [theirs.price(f"Plan {number}", 900) for number in range(5)]

    own, other = house.look(look_at_offers, STRIPE_ACCOUNTS="acct_theirs")

    assert own.status == "ok"
    assert (other.name, other.status) == ("prices acct_theirs", "warn")
    assert other.told.startswith("5 active and not mapped")
    assert sum(price in other.told for price in prices) == 3


@pytest.mark.parametrize("account", ["acct_gone"])
def test_an_account_that_can_not_be_read_is_told_and_no_fault_here(
    house: House, account: str
) -> None:
    """Its own line fails already."""
    _, gone = house.look(look_at_offers, STRIPE_ACCOUNTS=account)

    assert gone.status == "warn"
    assert "can't be compared with the mappings: Stripe refused our key" in gone.told
