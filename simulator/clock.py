"""The simulator's time, and where a billing period ends. Who is due is decided elsewhere."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta

Moment = datetime | int | str  # seconds since 1970, or ISO with an offset
MONTHS = {"month": 1, "year": 12}
DAYS = {"day": 1, "week": 7}


class Clock:
    """Whole seconds since 1970, UTC. Moves only when it is told to, and never back."""

    def __init__(self, now: int) -> None:
        self.now = now

    def move_to(self, moment: int) -> None:
        if moment < self.now:
            raise ValueError(f"the clock stands at {self.now} and can't go back to {moment}")
        self.now = moment


def boundary(anchor: int, interval: str, count: int, number: int) -> int:
    """The end of period `number` (1 is the first) of a subscription anchored at `anchor`.

    Always counted from the anchor, so that one from the 31st comes back to the 31st
    after a short month. Source: docs.stripe.com/billing/subscriptions/billing-cycle
    """
    start = datetime.fromtimestamp(anchor, UTC)
    if interval in DAYS:
        return int((start + timedelta(days=DAYS[interval] * count * number)).timestamp())
    months = start.year * 12 + start.month - 1 + MONTHS[interval] * count * number
    year, month = divmod(months, 12)
    day = min(start.day, monthrange(year, month + 1)[1])
    return int(start.replace(year=year, month=month + 1, day=day).timestamp())


def last_boundary(anchor: int, interval: str, count: int, before: int) -> int:
    """Where the period that ends at `before` began; one that ends at the anchor, one length ago."""
    if before <= anchor:
        return boundary(before, interval, count, -1)
    number = 0
    while boundary(anchor, interval, count, number + 1) < before:
        number += 1
    return boundary(anchor, interval, count, number)


def next_boundary(anchor: int, interval: str, count: int, after: int) -> int:
    """The first period end that lies later than `after`."""
    number = 1
    while (end := boundary(anchor, interval, count, number)) <= after:
        number += 1
    return end


def seconds_of(moment: Moment) -> int:
    """In seconds since 1970; ValueError for text without an offset."""
    if isinstance(moment, int):
        return moment
    when = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    if when.tzinfo is None:
        raise ValueError(f"{moment} has no offset: write it as 2026-03-01T00:00:00Z")
    return int(when.timestamp())
