"""From when to when the paid items of one line reach. Dates only: what counts is decided above."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile

from worker.state import PaidItem


def paid_span(items: Sequence[PaidItem]) -> tuple[datetime | None, datetime | None]:
    """From when and through when the paid items of one line reach; None where nothing was paid.

    `items` stand in the order in which they were paid.
    """
    paid = pays_for_time(items)
    starts = [item.period_start for item in paid if item.period_start]
    ends = [item.period_end for item in paid if item.period_end]
    return min(starts, default=None), max(ends, default=None)


def pays_for_time(items: Sequence[PaidItem]) -> list[PaidItem]:
    """Those of one line's paid items that give time, not only seats or another price.

    Proration moves no time. But an item added in mid-period, or a first period that a billing cycle
    anchor cuts short, is billed by proration alone at first: until a full period is paid, theirs is
    the time paid for. A credit among them (a negative amount) pays for nothing.
    Source: docs.stripe.com/billing/subscriptions/prorations
    """
    full = [item for item in items if not item.proration]
    first = takewhile(lambda item: item.proration, items)
    return [*full, *(item for item in first if item.quantity and item.amount_minor_units >= 0)]


def of_trial(item: PaidItem, trial: tuple[datetime, datetime]) -> bool:
    """Whether a period is the trial's: it began with the trial, or lies within it. The trial may
    have been ended early since; its own line tells the end it once had.
    """
    if item.period_start is None or item.period_end is None:
        return False
    started, ended = trial
    return item.period_start == started or (
        started < item.period_start and item.period_end <= ended
    )
