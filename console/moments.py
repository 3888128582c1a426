"""Reads the moments that people type: `2026-11-20`, `2026-11-20T12:00`, `90m`, `24h`, `7d`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
AGO = re.compile(r"(\d{1,6})([mhdw])")
DEADLINES = "90m, 24h, 90d from now, or 2027-01-31"
FORMS = "2026-11-20, 2026-11-20T12:00:00Z, or a time ago such as 90m, 24h, 7d"


def parse_moment(text: str, *, now: datetime) -> datetime:
    """An aware UTC moment; without a zone it is UTC. Raises ValueError that shows the forms."""
    try:
        if ago := AGO.fullmatch(text.strip()):
            return now - timedelta(**{UNITS[ago[2]]: int(ago[1])})
        moment = datetime.fromisoformat(text.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # also a moment before the year 1
        raise ValueError(f"{text!r} is not a moment; write {FORMS}") from None


def say_moment(moment: datetime | None) -> str:
    """`2026-11-20 12:00:07`, always UTC; "" for none."""
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def parse_deadline(text: str, *, now: datetime) -> datetime:
    """A moment to come: `90d` from now, or `2027-01-31`. Raises ValueError for any other."""
    try:
        ahead = AGO.fullmatch(text.strip())
        moment = (
            now + timedelta(**{UNITS[ahead[2]]: int(ahead[1])})
            if ahead
            else parse_moment(text, now=now)
        )
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a moment; write {DEADLINES}") from None
    if moment <= now:
        raise ValueError(f"{text!r} is over; write {DEADLINES}")
    return moment
