"""How long something has been, as people say it."""

from __future__ import annotations

from datetime import timedelta

UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))


def age_of(age: timedelta) -> str:
    """In the largest unit that fits twice: "119 s", "45 min", "47 h", "400 d"."""
    seconds = max(int(age.total_seconds()), 0)
    for unit, size in UNITS:
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
