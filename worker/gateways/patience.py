"""How long a call to Stripe or LicenseKit may take, and how often it is repeated."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to connect and to wait for an answer, and tries before the caller hears of it."""

    connect_seconds: float
    read_seconds: float
    attempts: int


# Both services' own slowest calls stay below; 3 attempts are stripe-python's default.
PATIENT = Patience(connect_seconds=5, read_seconds=30, attempts=3)
# Somebody looks at a page: better to say what is missing than to keep them waiting.
HURRIED = Patience(connect_seconds=2, read_seconds=3, attempts=1)
