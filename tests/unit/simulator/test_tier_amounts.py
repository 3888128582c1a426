"""Tiered and packaged amounts, against the slowest way to count them: unit by unit."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from simulator.amounts import amount_of, rounded
from simulator.shop import Shop
from simulator.stripe import Stripe

MONTH = {"interval": "month"}
AMOUNTS = st.integers(0, 2000)
TIERS = st.lists(st.tuples(st.integers(1, 6), AMOUNTS, AMOUNTS), min_size=1, max_size=4)


def rising(widths: list[tuple[int, int, int]]) -> list[dict[str, Any]]:
    """Tiers of these widths, the last without an end."""
    tiers: list[dict[str, Any]] = []
    top = 0
    for width, unit, flat in widths:
        top += width
        tiers.append({"up_to": top, "unit_amount": unit, "flat_amount": flat})
    tiers[-1]["up_to"] = "inf"
    return tiers


def priced(shop: Shop, tiers: list[dict[str, Any]], mode: str, quantity: int) -> int:
    price = shop.price(
        "T", 0, recurring=MONTH, billing_scheme="tiered", tiers_mode=mode, tiers=tiers
    )
    return amount_of(shop.books, shop.read(price), quantity)


def place(tiers: list[dict[str, Any]], unit: int) -> int:
    """The tier that the n-th unit falls into."""
    tops = [tier["up_to"] for tier in tiers]
    return next(at for at, top in enumerate(tops) if top == "inf" or unit <= top)


@given(widths=TIERS, quantity=st.integers(1, 40))
def test_graduated_tiers_cost_what_each_unit_costs_in_its_tier(
    widths: list[tuple[int, int, int]], quantity: int
) -> None:
    """And the flat amount of each tier that was reached."""
    tiers = rising(widths)
    reached = [place(tiers, unit) for unit in range(1, quantity + 1)]

    amount = priced(Stripe(seed=1).shop, tiers, "graduated", quantity)

    units = sum(tiers[at]["unit_amount"] for at in reached)
    assert amount == units + sum(tiers[at]["flat_amount"] for at in set(reached))


@given(widths=TIERS, quantity=st.integers(1, 40))
def test_volume_tiers_cost_what_the_last_unit_costs(
    widths: list[tuple[int, int, int]], quantity: int
) -> None:
    """Each of them, and the flat amount of that one tier."""
    tiers = rising(widths)
    last = tiers[place(tiers, quantity)]

    amount = priced(Stripe(seed=1).shop, tiers, "volume", quantity)

    assert amount == quantity * last["unit_amount"] + last["flat_amount"]


@given(quantity=st.integers(0, 60), size=st.integers(1, 9), amount=AMOUNTS)
def test_packages_up_hold_everything_and_packages_down_are_full(
    quantity: int, size: int, amount: int
) -> None:
    """One package more at most lies between them."""
    shop = Stripe(seed=1).shop
    up, down = (
        amount_of(
            shop.books,
            shop.read(shop.price("P", amount, transform_quantity={"divide_by": size, "round": to})),
            quantity,
        )
        for to in ("up", "down")
    )

    assert down == quantity // size * amount
    assert up == -(-quantity // size) * amount


@given(st.fractions(min_value=-5000, max_value=5000))
def test_a_credit_mirrors_its_debit_to_the_cent(amount: Fraction) -> None:
    """Halves go away from zero on both sides, and nothing is off by more than a half."""
    assert rounded(-amount) == -rounded(amount)
    assert abs(rounded(amount) - amount) <= Fraction(1, 2)
