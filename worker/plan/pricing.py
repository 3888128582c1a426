"""What a quantity of a price comes to, and by which formula. Shown to people; it decides nothing.

Exact: fractions until the one rounding at the end. Coupons, taxes and prorations are not in it, so
an invoice may rightly say something else.

The formulas: a fixed fee is the same for any quantity; a flat rate counts units, or packages of
them; tiered prices each unit by its own tier, volume all units by the tier that is reached;
stair-step is one amount for each step.
Source: docs.stripe.com/products-prices/pricing-models, rebilly.com/docs/billing/pricing-formulas
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from worker.plan.amounts import rounded, say_amount
from worker.prices import Pricing, Tier

Formula = Literal[
    "fixed-fee", "flat-rate", "tiered", "volume", "stair-step", "metered", "open"
]  # metered: billed by usage. open: the buyer chooses the amount

NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Part:
    """Units that cost the same, and what comes on top of them once."""

    units: int
    each: Fraction  # minor units
    flat: Fraction = NOTHING  # minor units, however many units there are

    @property
    def amount(self) -> Fraction:
        return self.units * self.each + self.flat


def name_formula(pricing: Pricing) -> Formula:
    """Which formula it is. Volume whose tiers have only flat amounts is a stair; one such tier for
    all quantities is a fixed fee. A unit price is a flat rate, also where one unit is sold.
    """
    if pricing.metered:
        return "metered"
    if pricing.tiers_mode is None:
        return "open" if pricing.unit_amount_decimal is None else "flat-rate"
    if _only_flat(pricing.tiers) and len(pricing.tiers) == 1:
        return "fixed-fee"
    if pricing.tiers_mode == "graduated":
        return "tiered"
    return "stair-step" if _only_flat(pricing.tiers) else "volume"


def expected_amount(pricing: Pricing, quantity: int) -> int | None:
    """In minor units; None where it can't be told: metered, open, or tiers that don't reach."""
    parts = _parts(pricing, quantity)
    return None if parts is None else rounded(_sum(parts))


def explain_amount(pricing: Pricing, quantity: int) -> str:
    """One line: `volume: 6 units at 25.00 EUR each = 150.00 EUR`."""
    formula, parts = name_formula(pricing), _parts(pricing, quantity)
    if parts is None:
        return f"{formula}: {_why_not(pricing, quantity)}"
    exact = _sum(parts)
    whole = rounded(exact)
    end = f"{say_amount(whole, pricing.currency)}{_every(pricing)}"
    if formula == "fixed-fee":
        return f"{formula}: {end}, whatever the quantity"
    ground = " + ".join(_say_parts(pricing, quantity, parts))
    return f"{formula}: {ground} = {end}{', rounded' if whole != exact else ''}"


def _parts(pricing: Pricing, quantity: int) -> list[Part] | None:
    """What the amount is made of; None where it can't be told."""
    if pricing.metered or quantity < 0:
        return None
    units = _packages(pricing, quantity)
    if pricing.tiers_mode is None:
        each = pricing.unit_amount_decimal
        return None if each is None else [Part(units, Fraction(each))]
    reached = _reached(pricing.tiers, units) if _rise(pricing.tiers) else None
    if reached is None:
        return None
    if pricing.tiers_mode == "volume":
        return [_part(reached, units)]
    return list(_graduated(pricing.tiers, units))


def _graduated(tiers: tuple[Tier, ...], units: int) -> Iterator[Part]:
    """Each tier that is reached, with its units. The first one is reached by nothing at all: its
    flat amount is a base fee.
    """
    below = 0
    for number, tier in enumerate(tiers):
        if number and units <= below:
            return
        top = units if tier.up_to is None else min(units, tier.up_to)
        yield _part(tier, top - below)
        below = top if tier.up_to is None else tier.up_to


def _reached(tiers: tuple[Tier, ...], units: int) -> Tier | None:
    """The tier of the last unit; its upper end belongs to it."""
    inside = (tier for tier in tiers if tier.up_to is None or units <= tier.up_to)
    return next(inside, None)


def _packages(pricing: Pricing, quantity: int) -> int:
    """Seven in packages of five are two rounded up, one rounded down."""
    packages, rest = divmod(quantity, max(1, pricing.divide_by))
    return packages + (pricing.round_up and rest > 0)


def _part(tier: Tier, units: int) -> Part:
    each, flat = tier.unit_amount_decimal, tier.flat_amount_decimal
    return Part(units, Fraction(each or 0), Fraction(flat or 0))


def _sum(parts: list[Part]) -> Fraction:
    return sum((part.amount for part in parts), NOTHING)


def _rise(tiers: tuple[Tier, ...]) -> bool:
    """Whether each tier begins where the one before ends, and only the last is open."""
    ends = [tier.up_to for tier in tiers if tier.up_to is not None]
    only_last_is_open = all(tier.up_to is not None for tier in tiers[:-1])
    return only_last_is_open and ends == sorted(set(ends)) and min(ends, default=1) > 0


def _only_flat(tiers: tuple[Tier, ...]) -> bool:
    """Whether units cost nothing by themselves. Stripe may keep a unit amount of zero there."""
    units_are_free = all(not Fraction(tier.unit_amount_decimal or 0) for tier in tiers)
    return units_are_free and any(Fraction(tier.flat_amount_decimal or 0) for tier in tiers)


def _why_not(pricing: Pricing, quantity: int) -> str:
    if pricing.metered:
        return "billed by usage, the invoice tells the amount"
    if quantity < 0:
        return f"a quantity of {quantity} has no amount"
    if pricing.tiers_mode is None:
        return "the buyer chooses the amount"
    if not pricing.tiers:
        return "its tiers were not read, so the amount can't be told"
    return f"its tiers do not say what {_count(_packages(pricing, quantity), 'unit')} cost"


def _say_parts(pricing: Pricing, quantity: int, parts: list[Part]) -> Iterator[str]:
    if pricing.divide_by > 1:
        packages = _count(parts[0].units, "package")
        price = say_amount(parts[0].each, pricing.currency)
        yield f"{_count(quantity, 'unit')} in {packages} of {pricing.divide_by} at {price} each"
    elif name_formula(pricing) == "stair-step":
        yield f"{_count(quantity, 'unit')} in the step {_say_step(pricing.tiers, quantity)}"
    else:
        for number, part in enumerate(parts):
            units = str(part.units) if number else _count(part.units, "unit")
            yield from _say_part(part, units, pricing.currency, alone=len(parts) == 1)


def _say_part(part: Part, units: str, currency: str, *, alone: bool) -> Iterator[str]:
    flat = say_amount(part.flat, currency)
    if part.flat and not part.each:
        yield f"{units} for {flat}"
        return
    each = " each" if alone and part.units != 1 else ""
    yield f"{units} at {say_amount(part.each, currency)}{each}"
    if part.flat:
        yield f"{flat} flat"


def _say_step(tiers: tuple[Tier, ...], units: int) -> str:
    reached = _reached(tiers, units)
    if reached is not None and reached.up_to is not None:
        return f"up to {reached.up_to}"
    return f"above {tiers[-2].up_to if len(tiers) > 1 else 0}"


def _every(pricing: Pricing) -> str:
    """` a month`, ` every 3 months`; nothing where it is sold once."""
    if pricing.interval is None:
        return ""
    unit, count = pricing.interval
    return f" a {unit}" if count == 1 else f" every {count} {unit}s"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
