"""What a quantity of a price comes to: exact, by each formula, and told in one line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.plan.amounts import say_amount
from worker.plan.pricing import expected_amount, explain_amount, name_formula
from worker.prices import Pricing, Tier

FINEST = 10**12  # Stripe keeps twelve decimal places of a minor unit

# The table of Rebilly's documentation: up to 3 at 15, up to 5 at 20, then 25.
TABLE = (Tier(3, "1500", None), Tier(5, "2000", None), Tier(None, "2500", None))
STEPS = (Tier(6, None, "6000"), Tier(12, "0", "10000"), Tier(None, None, "20000"))


def per_unit(amount: str, currency: str = "eur", **more: Any) -> Pricing:
    return Pricing(currency, unit_amount_decimal=amount, **more)


def graduated(*tiers: Tier) -> Pricing:
    return Pricing("eur", tiers_mode="graduated", tiers=tiers)


def volume(*tiers: Tier) -> Pricing:
    return Pricing("eur", tiers_mode="volume", tiers=tiers)


@pytest.mark.parametrize(
    ("pricing", "formula"),
    [
        (per_unit("4900"), "flat-rate"),
        (per_unit("4900", divide_by=5), "flat-rate"),
        (volume(Tier(None, None, "9900")), "fixed-fee"),
        (graduated(Tier(None, "0", "9900")), "fixed-fee"),
        (graduated(*TABLE), "tiered"),
        (graduated(*STEPS), "tiered"),
        (volume(*TABLE), "volume"),
        (volume(Tier(5, "100", "500"), Tier(None, "90", None)), "volume"),
        (volume(Tier(5, "0", None), Tier(None, "0", None)), "volume"),
        (volume(*STEPS), "stair-step"),
        (volume(), "volume"),
        (Pricing("eur", unit_amount_decimal="1", metered=True), "metered"),
        (Pricing("eur"), "open"),
    ],
)
def test_each_formula_is_recognised(pricing: Pricing, formula: str) -> None:
    """By what Stripe's price holds, not by its name."""
    assert name_formula(pricing) == formula


@pytest.mark.parametrize(
    ("pricing", "quantity", "amount", "told"),
    [
        (per_unit("4900"), 1, 4_900, "flat-rate: 1 unit at 49.00 EUR = 49.00 EUR"),
        (per_unit("4900"), 0, 0, "flat-rate: 0 units at 49.00 EUR each = 0.00 EUR"),
        (per_unit("500", "jpy"), 3, 1_500, "flat-rate: 3 units at 500 JPY each = 1500 JPY"),
        (per_unit("0.05", "usd"), 30, 2,
         "flat-rate: 30 units at 0.0005 USD each = 0.02 USD, rounded"),
        (per_unit("-0.5"), 1, -1, "flat-rate: 1 unit at -0.005 EUR = -0.01 EUR, rounded"),
        (per_unit("900", interval=("month", 1)), 2, 1_800,
         "flat-rate: 2 units at 9.00 EUR each = 18.00 EUR a month"),
        (per_unit("1000", divide_by=5, round_up=True, interval=("month", 3)), 7, 2_000,
         "flat-rate: 7 units in 2 packages of 5 at 10.00 EUR each = 20.00 EUR every 3 months"),
        (per_unit("1000", divide_by=5), 7, 1_000,
         "flat-rate: 7 units in 1 package of 5 at 10.00 EUR each = 10.00 EUR"),
        (graduated(*TABLE), 6, 11_000,
         "tiered: 3 units at 15.00 EUR + 2 at 20.00 EUR + 1 at 25.00 EUR = 110.00 EUR"),
        (graduated(Tier(6, None, "6000"), Tier(None, "100", "500")), 8, 6_700,
         "tiered: 6 units for 60.00 EUR + 2 at 1.00 EUR + 5.00 EUR flat = 67.00 EUR"),
        (graduated(Tier(6, "100", "6000"), Tier(None, "100", "500")), 0, 6_000,
         "tiered: 0 units at 1.00 EUR each + 60.00 EUR flat = 60.00 EUR"),
        (volume(*TABLE), 6, 15_000, "volume: 6 units at 25.00 EUR each = 150.00 EUR"),
        (volume(*TABLE), 5, 10_000, "volume: 5 units at 20.00 EUR each = 100.00 EUR"),
        (volume(Tier(None, "100", "500")), 3, 800,
         "volume: 3 units at 1.00 EUR each + 5.00 EUR flat = 8.00 EUR"),
        (volume(*STEPS), 7, 10_000, "stair-step: 7 units in the step up to 12 = 100.00 EUR"),
        (volume(*STEPS), 12, 10_000, "stair-step: 12 units in the step up to 12 = 100.00 EUR"),
        (volume(*STEPS), 13, 20_000, "stair-step: 13 units in the step above 12 = 200.00 EUR"),
        (volume(Tier(None, None, "9900")), 8, 9_900, "fixed-fee: 99.00 EUR, whatever the quantity"),
    ],
)  # fmt: skip
def test_the_amount_of_a_quantity_is_told_with_its_ground(
    pricing: Pricing, quantity: int, amount: int, told: str
) -> None:
    """Bounds belong to their tier; a half of the smallest coin is rounded away from zero, once."""
    assert expected_amount(pricing, quantity) == amount
    assert explain_amount(pricing, quantity) == told


@pytest.mark.parametrize(
    ("pricing", "quantity", "why"),
    [
        (Pricing("eur", metered=True), 1, "metered: billed by usage, the invoice tells the amount"),
        (Pricing("eur"), 1, "open: the buyer chooses the amount"),
        (volume(), 1, "volume: its tiers were not read, so the amount can't be told"),
        (graduated(Tier(5, "1", None)), 6, "tiered: its tiers do not say what 6 units cost"),
        (volume(Tier(5, "1", None), Tier(5, "2", None)), 1,
         "volume: its tiers do not say what 1 unit cost"),
        (volume(Tier(None, "1", None), Tier(None, "2", None)), 3,
         "volume: its tiers do not say what 3 units cost"),
        (per_unit("4900"), -1, "flat-rate: a quantity of -1 has no amount"),
    ],
)  # fmt: skip
def test_an_amount_that_nobody_can_know_is_not_guessed(
    pricing: Pricing, quantity: int, why: str
) -> None:
    """The line says why."""
    assert expected_amount(pricing, quantity) is None
    assert explain_amount(pricing, quantity) == why


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (0, "eur", "0.00 EUR"),
        (-5, "usd", "-0.05 USD"),
        (1_234_567, "JPY", "1234567 JPY"),
        (1_500, "kwd", "1.500 KWD"),
        (500, "isk", "5.00 ISK"),
    ],
)
def test_amounts_are_told_in_the_currency_s_own_decimals(
    amount: int, currency: str, text: str
) -> None:
    """Yen have none, dinars three; the Icelandic crown keeps two in Stripe."""
    assert say_amount(amount, currency) == text


def decimals() -> st.SearchStrategy[str]:
    """Amounts of minor units, in twelve decimal places at most."""
    whole, parts = st.integers(0, 10_000), st.integers(0, FINEST - 1)
    exact = st.builds(lambda w, p: f"{w}.{p:012d}", whole, parts)
    return st.one_of(whole.map(str), exact)


def scaled(amount: str | None) -> int:
    """In billionths of a thousandth of a minor unit, without any fraction."""
    whole, _, part = (amount or "0").partition(".")
    return int(whole) * FINEST + int(part.ljust(12, "0") or 0)


def rounded(amount: int) -> int:
    return (amount + FINEST // 2) // FINEST


@st.composite
def tables(draw: st.DrawFn) -> tuple[Tier, ...]:
    """Tiers that rise, the last one open."""
    tops = sorted(draw(st.sets(st.integers(1, 40), max_size=5)))
    amount = st.one_of(st.none(), decimals())
    return tuple(Tier(top, draw(amount), draw(amount)) for top in (*tops, None))


def tier_of(tiers: tuple[Tier, ...], unit: int) -> Tier:
    return next(tier for tier in tiers if tier.up_to is None or unit <= tier.up_to)


@given(tables(), st.integers(1, 60))
def test_graduated_costs_what_each_unit_costs_by_itself(
    tiers: tuple[Tier, ...], quantity: int
) -> None:
    """Unit by unit, and each tier's flat amount when its first unit is reached."""
    reached = [tier_of(tiers, unit) for unit in range(1, quantity + 1)]
    units = sum(scaled(tier.unit_amount_decimal) for tier in reached)
    flats = sum(scaled(tier.flat_amount_decimal) for tier in tiers if tier in reached)

    amount = expected_amount(Pricing("eur", tiers_mode="graduated", tiers=tiers), quantity)

    assert amount == rounded(units + flats)


@given(tables(), st.integers(0, 60))
def test_volume_prices_every_unit_by_the_tier_of_the_last(
    tiers: tuple[Tier, ...], quantity: int
) -> None:
    """And adds the flat amount of that tier alone."""
    tier = tier_of(tiers, quantity)
    exact = quantity * scaled(tier.unit_amount_decimal) + scaled(tier.flat_amount_decimal)

    amount = expected_amount(Pricing("eur", tiers_mode="volume", tiers=tiers), quantity)

    assert amount == rounded(exact)


@given(st.lists(st.integers(1, 40), min_size=1, unique=True), st.integers(0, 59))
def test_one_unit_more_never_falls_into_a_lower_step(tops: list[int], quantity: int) -> None:
    """Steps that cost their own number tell which one was chosen."""
    ends = (*sorted(tops), None)
    steps = tuple(Tier(end, None, str(number)) for number, end in enumerate(ends, start=1))
    pricing = Pricing("eur", tiers_mode="volume", tiers=steps)

    before, after = expected_amount(pricing, quantity), expected_amount(pricing, quantity + 1)

    assert before is not None
    assert after is not None
    assert before <= after <= before + 1


@given(decimals(), st.integers(0, 10**9), st.integers(1, 1_000), st.booleans())
def test_a_unit_price_is_exact_however_many_units_there_are(
    amount: str, quantity: int, divide_by: int, round_up: bool
) -> None:
    """No cent is lost in a billion units, and packages are counted before they are priced."""
    pricing = Pricing("eur", unit_amount_decimal=amount, divide_by=divide_by, round_up=round_up)
    packages = -(-quantity // divide_by) if round_up else quantity // divide_by

    assert expected_amount(pricing, quantity) == rounded(packages * scaled(amount))


@given(tables(), st.sampled_from(["graduated", "volume"]), st.integers(-5, 60))
def test_whatever_the_tiers_the_line_ends_in_the_amount(
    tiers: tuple[Tier, ...], mode: Any, quantity: int
) -> None:
    """Text and number never tell two stories."""
    pricing = Pricing("eur", tiers_mode=mode, tiers=tiers)

    amount, told = expected_amount(pricing, quantity), explain_amount(pricing, quantity)

    assert told.startswith(f"{name_formula(pricing)}: ")
    assert (amount is None) == (quantity < 0)
    assert amount is None or say_amount(amount, "eur") in told
