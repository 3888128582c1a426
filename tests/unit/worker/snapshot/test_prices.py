"""Stripe's price objects of every version, read or left alone; never an error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.plan.pricing import expected_amount, explain_amount
from worker.prices import Pricing, Tier
from worker.snapshot.prices import read_pricing

PRICE: dict[str, Any] = {
    "id": "price_1",
    "object": "price",
    "billing_scheme": "per_unit",
    "currency": "eur",
    "recurring": {"interval": "month", "interval_count": 3, "usage_type": "licensed"},
    "tiers_mode": None,
    "transform_quantity": None,
    "type": "recurring",
    "unit_amount": 1999,
    "unit_amount_decimal": Decimal("1999"),
}
TIERED = {
    **PRICE,
    "billing_scheme": "tiered",
    "tiers_mode": "graduated",
    "unit_amount": None,
    "unit_amount_decimal": None,
}


def found_in(value: Any, *kinds: str) -> Iterator[dict[str, Any]]:
    """Every object of these kinds, however deep it lies."""
    if isinstance(value, dict):
        if value.get("object") in kinds:
            yield value
        for inner in value.values():
            yield from found_in(inner, *kinds)
    elif isinstance(value, list):
        for inner in value:
            yield from found_in(inner, *kinds)


def test_a_unit_price_is_read_with_its_interval() -> None:
    """stripe-python gives exact amounts as Decimal; texts are read alike."""
    read = Pricing("eur", unit_amount_decimal="1999", interval=("month", 3))

    assert read_pricing(PRICE) == read
    assert read_pricing({**PRICE, "unit_amount_decimal": "1999"}) == read
    assert read_pricing({**PRICE, "unit_amount_decimal": None}) == read
    assert read_pricing({**PRICE, "unit_amount_decimal": Decimal("1.999E+3")}) == read


def test_tiers_are_read_where_stripe_sends_them() -> None:
    """They come only on demand: without them the price is known to be tiered, and no more."""
    rows = [
        {"up_to": 5, "unit_amount_decimal": Decimal("0.05"), "flat_amount_decimal": None},
        {"up_to": None, "unit_amount": None, "flat_amount": 900},
    ]

    read = read_pricing({**TIERED, "tiers": rows})

    assert read is not None
    assert read.tiers == (Tier(5, "0.05", None), Tier(None, None, "900"))
    assert read_pricing(TIERED) == Pricing("eur", tiers_mode="graduated", interval=("month", 3))


def test_packages_and_usage_are_read() -> None:
    """`transform_quantity` and `usage_type` both change what a quantity means."""
    packages = read_pricing({**PRICE, "transform_quantity": {"divide_by": 5, "round": "up"}})
    metered = read_pricing({**PRICE, "recurring": {"interval": "month", "usage_type": "metered"}})

    assert packages is not None
    assert (packages.divide_by, packages.round_up) == (5, True)
    assert metered is not None
    assert (metered.metered, metered.interval) == (True, ("month", 1))


@pytest.mark.parametrize(
    "odd",
    [
        {"currency": None},
        {"billing_scheme": "auction"},
        {"tiers_mode": "volume"},
        {"unit_amount_decimal": "a lot"},
        {"unit_amount_decimal": Decimal("NaN")},
        {"unit_amount_decimal": True},
        {"transform_quantity": {"divide_by": 0, "round": "up"}},
        {"transform_quantity": {"divide_by": 5, "round": "sideways"}},
        {"recurring": {"interval": "fortnight"}},
        {"recurring": {"interval": "month", "interval_count": 0}},
        {"recurring": "month"},
        {"tiers": "many"},
        {"tiers": [{"up_to": "inf"}]},
        {"tiers": [None, 5]},
    ],
)
def test_a_shape_that_nobody_has_documented_gives_no_pricing(odd: dict[str, Any]) -> None:
    """Better no line of explanation than a wrong one; the license is issued all the same."""
    assert read_pricing({**PRICE, **odd}) is None


def anything() -> st.SearchStrategy[Any]:
    numbers = st.one_of(st.integers(), st.floats(), st.decimals())
    plain = st.one_of(st.none(), st.booleans(), numbers, st.text())
    deeper = st.one_of(st.lists(plain, max_size=2), st.dictionaries(st.text(), plain, max_size=2))
    return st.one_of(plain, deeper, st.lists(deeper, max_size=2))


@given(st.dictionaries(st.sampled_from([*PRICE, "tiers"]), anything()))
def test_no_price_breaks_a_pass(odd: dict[str, Any]) -> None:
    """Whatever stands in any of the fields, reading and telling go on."""
    for price in (odd, {**PRICE, **odd}, {**TIERED, **odd}):
        pricing = read_pricing(price)
        assert pricing is None or explain_amount(pricing, 3)


def test_every_price_of_the_handbook_is_read_and_told(handbook: Path) -> None:
    """Of every API version that is kept there; only fragments without a currency are left out."""
    prices = [
        price
        for path in (handbook / "fixtures").rglob("*.json")
        for price in found_in(json.loads(path.read_text()), "price")
    ]
    whole = [price for price in prices if "billing_scheme" in price]

    read = [(price, read_pricing(price)) for price in whole]

    assert len(whole) > 100
    assert [price["id"] for price, pricing in read if pricing is None] == []
    for price, pricing in read:
        assert pricing is not None
        assert pricing.currency == price["currency"].lower()
        exact = price.get("unit_amount_decimal") or price.get("unit_amount")
        if exact is not None and pricing.divide_by == 1:
            amount = None if pricing.metered else 3 * int(exact)
            assert expected_amount(pricing, 3) == amount
