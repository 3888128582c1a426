"""When a failed pass is tried again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.worlds.sales import NOW
from worker.retries import retry_at


def seconds(attempts: int, wish: float | None = None, chance: float = 0.0) -> float:
    return (retry_at(attempts, wish, now=NOW, chance=chance) - NOW) / timedelta(seconds=1)


@pytest.mark.parametrize(("attempts", "wait"), [(0, 2), (1, 4), (5, 64), (9, 900), (1_000, 900)])
def test_each_failure_waits_twice_as_long_up_to_a_quarter_of_an_hour(
    attempts: int, wait: float
) -> None:
    """Soon at first; a service that is down all day is asked every quarter of an hour."""
    assert seconds(attempts) == wait


def test_a_service_that_asks_for_patience_gets_it() -> None:
    """Retry-After is the least to wait."""
    assert seconds(0, wish=30) == 30


def test_a_short_wish_does_not_shorten_the_waiting() -> None:
    """A service that is down for long isn't asked every second because it says so."""
    assert seconds(5, wish=1) == 64


def test_many_sales_that_failed_together_come_back_apart() -> None:
    """Chance spreads them over a quarter of the wait."""
    assert seconds(5, chance=1.0) == 80
