"""When a failed pass is tried again: soon, then later, never given up. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST_SECONDS = 2.0
LONGEST_SECONDS = 900.0  # a service that is down for a day is asked every quarter of an hour
JITTER_SHARE = 0.25  # so that many sales that failed together don't come back together


def retry_at(
    attempts: int, wish_seconds: float | None, *, now: datetime, chance: float
) -> datetime:
    """`attempts` failed before this one; `wish_seconds` is the service's Retry-After, the least to
    wait; `chance` is a random number from 0 to 1.
    """
    backoff = min(FIRST_SECONDS * 2.0 ** min(attempts, 20), LONGEST_SECONDS)
    seconds = max(backoff, wish_seconds or 0.0)
    return now + timedelta(seconds=seconds * (1 + JITTER_SHARE * chance))
