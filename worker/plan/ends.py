"""When a license ends: absolute, from what was paid, never from an amount or a clock.

Source: the end of access is the latest `period.end` of what was paid (which lines count:
`worker.spans`; which payments: `worker.plan.cover`) plus the mapping's grace. Stripe's
`invoice.period_end` looks back and is not it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from mappings.values import Mapping as PriceMapping
from worker.state import LicenseType, Line, Payment, Problem

ENDLESS: frozenset[LicenseType] = frozenset({"perpetual", "consumption"})


@dataclass(frozen=True, slots=True)
class End:
    """The end of a license; `at` None means it never ends."""

    at: datetime | None


def choose_end(
    line: Line,
    first: Payment,
    mapping: PriceMapping,
    license_type: LicenseType,
    until: datetime | None,
) -> End | Problem:
    """`first` is the line's first payment; it dates a one-time sale of a time-limited policy.
    `until` is the end of what is paid; None = no period was paid for.
    """
    if license_type in ENDLESS:
        return End(None)
    grace = timedelta(days=mapping.terms.grace_days)
    if until is not None:
        return End(until + grace)
    if mapping.terms.term_days is not None:
        return End(first.paid_at + timedelta(days=mapping.terms.term_days) + grace)
    return Problem(
        cause="term_missing",
        subject=line.price_id,
        line_id=line.id,
        message=(
            f"{line.price_id} is sold once, but {mapping.policy_id} is {license_type} and its "
            f"mapping names no term, so {line.id} was paid and no license was issued. Give it one "
            f'with "fulfill mappings set {line.price_id} --policy {mapping.policy_id} '
            '--term-days 365"; that wakes the sale and the license is issued at once.'
        ),
    )
