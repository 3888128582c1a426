"""Waits for a condition, with a deadline; the only place of the demo that lets time pass."""

from __future__ import annotations

import time
from collections.abc import Callable

LOOK_SECONDS = 0.05  # how often a condition is asked
PATIENCE_SECONDS = 75.0  # a killed worker's sales move on within 60 s


class TooSlow(Exception):
    """What was waited for did not come true in time."""


def wait_until(
    condition: Callable[[], bool], what: str, *, seconds: float = PATIENCE_SECONDS
) -> None:
    """Return once `condition` holds. Raises TooSlow, which names `what`."""
    give_up_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up_at:
            raise TooSlow(f"waited {seconds:g} s for this and it did not happen: {what}")
        time.sleep(LOOK_SECONDS)
