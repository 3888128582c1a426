"""How Stripe prices a line. Facts only; what a quantity comes to is told in `worker.plan.pricing`.

Total: a shape that nobody has seen yet gives None. People lose a line of explanation by it, and
no license waits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, TypeGuard, get_args

from worker.prices import IntervalUnit, Pricing, Tier
from worker.snapshot.facts import Facts

AMOUNT = re.compile(r"-?\d+(\.\d{1,12})?", re.ASCII)  # Stripe keeps twelve decimal places at most
UNITS: dict[object, IntervalUnit] = {unit: unit for unit in get_args(IntervalUnit)}


class _OddShape(Exception):
    """A field holds what the API doesn't document."""


def read_pricing(price: Facts) -> Pricing | None:
    """An expanded price; None where its shape is not one that the API documents.

    Stripe sends `tiers` only on demand: without them a tiered price has none here.
    """
    try:
        return _pricing(price)
    except _OddShape:
        return None


def _pricing(price: object) -> Pricing:
    facts = _table(price)
    currency = facts.get("currency")
    if not isinstance(currency, str) or not currency:
        raise _OddShape
    divide_by, round_up = _packages(facts)
    recurring = _table(facts.get("recurring"))
    return Pricing(
        currency=currency.lower(),
        unit_amount_decimal=_amount(facts, "unit_amount"),
        tiers_mode=_tiers_mode(facts),
        tiers=tuple(map(_tier, _rows(facts.get("tiers")))),
        divide_by=divide_by,
        round_up=round_up,
        interval=_interval(recurring),
        metered=recurring.get("usage_type") == "metered",
    )


def _tiers_mode(facts: Facts) -> Literal["graduated", "volume"] | None:
    match facts.get("billing_scheme"), facts.get("tiers_mode"):
        case "tiered", "graduated":
            return "graduated"
        case "tiered", "volume":
            return "volume"
        case "per_unit", None:
            return None
    raise _OddShape


def _tier(row: object) -> Tier:
    facts = _table(row)
    up_to = facts.get("up_to")
    if up_to is not None and not _is_count(up_to):
        raise _OddShape
    return Tier(up_to, _amount(facts, "unit_amount"), _amount(facts, "flat_amount"))


def _packages(facts: Facts) -> tuple[int, bool]:
    """`transform_quantity`: units in a package, and whether a part of one counts as a whole."""
    rule = _table(facts.get("transform_quantity"))
    if not rule:
        return 1, False
    divide_by, rounding = rule.get("divide_by"), rule.get("round")
    if not _is_count(divide_by) or rounding not in ("up", "down"):
        raise _OddShape
    return divide_by, rounding == "up"


def _interval(recurring: Facts) -> tuple[IntervalUnit, int] | None:
    if not recurring:
        return None
    unit, count = UNITS.get(recurring.get("interval")), recurring.get("interval_count", 1)
    if unit is None or not _is_count(count):
        raise _OddShape
    return unit, count


def _amount(facts: Facts, name: str) -> str | None:
    """The exact amount, else the whole one. stripe-python turns the exact one into a Decimal."""
    exact = facts.get(f"{name}_decimal")
    amount = facts.get(name) if exact is None else exact
    if amount is None:
        return None
    if isinstance(amount, bool) or not isinstance(amount, str | int | Decimal):
        raise _OddShape
    text = format(amount, "f") if isinstance(amount, Decimal) else str(amount)
    if not AMOUNT.fullmatch(text):
        raise _OddShape
    return text


def _table(value: object) -> Facts:
    """A table, empty where there is none."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise _OddShape
    return value


def _rows(value: object) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _OddShape
    return value


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
