"""The inbox: what Stripe told us, written down, and the sales that became due by it.

What a sale needs is not looked at here; passes do that.
"""

from __future__ import annotations

from shared.inbox.hints import due_count, oldest_hint, raise_hint
from shared.inbox.record import record
from shared.inbox.values import (
    BUYER_WAITS,
    FETCHED,
    NO_HURRY,
    NORMAL,
    Delivery,
    Duplicate,
    Ignored,
    Outcome,
    Recorded,
    Refused,
    State,
)

__all__ = [
    "BUYER_WAITS",
    "FETCHED",
    "NORMAL",
    "NO_HURRY",
    "Delivery",
    "Duplicate",
    "Ignored",
    "Outcome",
    "Recorded",
    "Refused",
    "State",
    "due_count",
    "oldest_hint",
    "raise_hint",
    "record",
]
