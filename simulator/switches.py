"""What goes wrong today: with deliveries, and with the API's answers. Only the settings."""

from __future__ import annotations

from typing import Literal

import msgspec


class Switches(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All off by default. Change at run time with `Stripe.switch(duplicate=3, shuffle=True)`."""

    # deliveries
    duplicate: int = 1  # copies of each delivery
    shuffle: bool = False  # any order, within one release and among neighbours
    delay_seconds: float = 0.0  # wall clock, from the event to its first delivery
    drop: float = 0.0  # share of events that are never delivered
    drop_types: tuple[str, ...] = ()  # patterns: ("invoice.*",) are never delivered
    hold: bool = False  # keep deliveries back until `flush`
    thin: bool = False  # send the thin twin (`v2.core.event`) too
    thin_only: bool = False  # send the thin twin instead of the snapshot
    # answers of the API
    answer_429: float = 0.0  # share of requests refused with "rate_limit"
    answer_500: float = 0.0  # share of requests that fail
    fail_next: tuple[Literal[409, 429, 500], ...] = ()  # answers of the next requests, in order
    fail_after_write: bool = False  # a 500 comes after the work is done: the answer was lost
    retry_after_seconds: int | None = None  # `Retry-After` on those answers
    should_retry: bool | None = None  # `Stripe-Should-Retry` on those answers
    latency_seconds: float = 0.0  # wait before each answer
    skew_seconds: int = 0  # how far the `Date` of answers is ahead of this machine's clock

    def changed(self, **values: object) -> Switches:
        """A copy with other values; ValueError names every value that can't be."""
        raw = {**msgspec.to_builtins(self), **values}
        try:
            return msgspec.convert(raw, Switches)
        except msgspec.ValidationError as wrong:
            raise ValueError(f"these switches can't be set: {wrong}") from wrong
