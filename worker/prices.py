"""How Stripe prices a line, as frozen values: for people to look at, never to decide anything.

Read in `worker.snapshot.prices`; computed in `worker.plan.pricing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

IntervalUnit = Literal["day", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class Tier:
    """One step of a tiered price. Amounts are Stripe's decimal strings in minor units."""

    up_to: int | None  # the last unit that belongs to it; None = all further ones
    unit_amount_decimal: str | None  # "1500" or "0.05"
    flat_amount_decimal: str | None


@dataclass(frozen=True, slots=True)
class Pricing:
    """A price as Stripe keeps it."""

    currency: str  # "eur"
    unit_amount_decimal: str | None = None  # "1999" or "0.5" minor units; None = tiered or open
    tiers_mode: Literal["graduated", "volume"] | None = None  # None = per unit
    tiers: tuple[Tier, ...] = ()
    divide_by: int = 1  # transform_quantity; 1 = units count as they are
    round_up: bool = False  # the rounding of transform_quantity
    interval: tuple[IntervalUnit, int] | None = None  # ("month", 3); None = sold once
    metered: bool = False  # billed by usage: its amount can't be told beforehand
