"""What a quantity of a price costs, exactly, in minor units. Discounts are elsewhere.

Source: docs.stripe.com/products-prices/pricing-models
"""

from __future__ import annotations

from fractions import Fraction

from simulator.books import Books
from simulator.values import Obj


def amount_of(books: Books, price: Obj, quantity: int) -> int:
    """Halves of the smallest unit are rounded up, once, at the end."""
    counted = _transformed(price["transform_quantity"], quantity)
    tiers = books.children(price["id"], "tiers")
    if price["billing_scheme"] != "tiered":
        return rounded(Fraction(price["unit_amount_decimal"]) * counted)
    if price["tiers_mode"] == "volume":
        return rounded(_volume(tiers, counted))
    return rounded(_graduated(tiers, counted))


def rounded(amount: Fraction) -> int:
    """To the nearest whole; a half goes away from zero, so a credit mirrors its debit."""
    whole = int(abs(amount) + Fraction(1, 2))
    return whole if amount >= 0 else -whole


def _transformed(rule: Obj | None, quantity: int) -> int:
    """Packages: seven at five each are two when rounded up, one when rounded down."""
    if rule is None:
        return quantity
    packs, rest = divmod(quantity, rule["divide_by"])
    return int(packs + (rest > 0 and rule["round"] == "up"))


def _volume(tiers: list[Obj], quantity: int) -> Fraction:
    """All units cost what the tier of the last one says."""
    reached = next(tier for tier in tiers if tier["up_to"] is None or quantity <= tier["up_to"])
    return _in_tier(reached, quantity)


def _graduated(tiers: list[Obj], quantity: int) -> Fraction:
    """Each unit costs what its own tier says; a tier's flat amount counts once it is reached."""
    total, below = Fraction(0), 0
    for number, tier in enumerate(tiers):
        if number and quantity <= below:
            break
        top = quantity if tier["up_to"] is None else min(quantity, tier["up_to"])
        total += _in_tier(tier, top - below)
        below = top
    return total


def _in_tier(tier: Obj, quantity: int) -> Fraction:
    unit, flat = (Fraction(tier[f"{name}_amount_decimal"] or 0) for name in ("unit", "flat"))
    return unit * quantity + flat
