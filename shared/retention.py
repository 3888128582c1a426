"""For how many days each kind of history is kept. Sales, links, terms, keys and decisions stay."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

LONGEST_DAYS = 36_500
# Stripe lists its events for 30 days: a sweep that meets one must find it here to know it again.
SHORTEST_DAYS = {"events": 31}


@dataclass(frozen=True, slots=True)
class Retention:
    """Days, by kind. What a sale still needs is kept however old it is."""

    events: int = 400  # a year and a month: last year's renewal can be compared with this one's
    passes: int = 400  # with their steps
    audit: int = 1095  # three years: who did what is asked for longest
    sweeps: int = 90


def read_retention(text: str) -> Retention:
    """`400` for all kinds, or `events=90,passes=400` for some. Raises ValueError."""
    kinds = [field.name for field in fields(Retention)]
    if text.isdecimal():
        return Retention(*(_days(kind, text) for kind in kinds))
    chosen: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        kind, _, days = (one.strip() for one in part.partition("="))
        if kind not in kinds or kind in chosen:
            raise _unreadable(kinds)
        chosen[kind] = _days(kind, days)
    if not chosen:
        raise _unreadable(kinds)
    return replace(Retention(), **chosen)


def _unreadable(kinds: list[str]) -> ValueError:
    return ValueError(
        f"must be a number of days, or some of {', '.join(kinds)} once each, such as "
        "events=90,audit=730"
    )


def _days(kind: str, text: str) -> int:
    shortest = SHORTEST_DAYS.get(kind, 1)
    if not text.isdecimal() or not shortest <= int(text) <= LONGEST_DAYS:
        why = "; Stripe lists them for 30, and a sweep must know them" if shortest > 1 else ""
        raise ValueError(
            f"must give {kind} a whole number of days from {shortest} to {LONGEST_DAYS}{why}"
        )
    return int(text)
