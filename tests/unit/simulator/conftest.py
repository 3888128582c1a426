"""A simulator without HTTP, and the prices that most stories here begin with."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from simulator.books import Books
from simulator.shop import Shop
from simulator.stripe import Stripe


@pytest.fixture
def stripe() -> Stripe:
    """Starts on the last of January."""
    return Stripe(now=datetime(2026, 1, 31, 12, 0, tzinfo=UTC), seed=4)


@pytest.fixture
def shop(stripe: Stripe) -> Shop:
    return stripe.shop


@pytest.fixture
def books(shop: Shop) -> Books:
    return shop.books
