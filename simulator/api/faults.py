"""The answers 409, 429 and 500 on demand, by the switches."""

from __future__ import annotations

import random

from simulator.errors import StripeFault
from simulator.stripe import Stripe
from simulator.switches import Switches


class Faults:
    """Chooses, request by request, whether one fails; the same way for the same seed."""

    def __init__(self, stripe: Stripe, seed: int | None = None) -> None:
        self._stripe = stripe
        self._random = random.Random(seed)  # noqa: S311 - chooses failures, not a secret

    def choose(self) -> int | None:
        """409, 429, 500, or None for a request that goes well."""
        planned = self._stripe.planned_fault()
        if planned is not None:
            return planned
        switches = self._stripe.switches
        if switches.answer_429 and self._random.random() < switches.answer_429:
            return 429
        if switches.answer_500 and self._random.random() < switches.answer_500:
            return 500
        return None


def fault(status: int) -> StripeFault:
    """In Stripe's words: an object in use, too many requests, or anything else."""
    if status == 429:
        text = "Request rate limit exceeded. Learn more at https://stripe.com/docs/rate-limits"
        return StripeFault(429, text, code="rate_limit")
    if status == 409:
        text = "This object cannot be accessed right now because another request is using it."
        return StripeFault(409, text, code="lock_timeout")
    return StripeFault(500, "An unknown error occurred", type="api_error")


def fault_headers(switches: Switches) -> dict[str, str]:
    headers: dict[str, str] = {}
    if switches.retry_after_seconds is not None:
        headers["Retry-After"] = str(switches.retry_after_seconds)
    if switches.should_retry is not None:
        headers["Stripe-Should-Retry"] = str(switches.should_retry).lower()
    return headers
