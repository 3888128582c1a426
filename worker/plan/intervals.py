"""One billing interval later, as Stripe's calendar has it."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import assert_never

from worker.prices import IntervalUnit

MONTHS_A_YEAR = 12


def add_interval(moment: datetime, unit: IntervalUnit, count: int) -> datetime:
    """`moment` and `count` units. A month that is too short ends the interval on its last day; an
    end that no calendar has is the last moment there is.

    Source: docs.stripe.com/billing/subscriptions/billing-cycle
    """
    try:
        match unit:
            case "day":
                return moment + timedelta(days=count)
            case "week":
                return moment + timedelta(weeks=count)
            case "month":
                return _add_months(moment, count)
            case "year":
                return _add_months(moment, count * MONTHS_A_YEAR)
            case _:
                assert_never(unit)
    except (OverflowError, ValueError):
        return datetime.max.replace(tzinfo=UTC)


def _add_months(moment: datetime, count: int) -> datetime:
    years, month = divmod(moment.month - 1 + count, MONTHS_A_YEAR)
    year = moment.year + years
    last = monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
