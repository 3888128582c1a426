"""Where a billing period ends."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.clock import Clock, boundary, next_boundary


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()


@pytest.mark.parametrize(
    ("start", "interval", "count", "end"),
    [
        ("2026-01-15", "day", 1, "2026-01-16"),
        ("2026-01-15", "week", 2, "2026-01-29"),
        ("2026-01-15", "month", 1, "2026-02-15"),
        ("2026-01-31", "month", 1, "2026-02-28"),
        ("2028-01-31", "month", 1, "2028-02-29"),
        ("2026-11-30", "month", 3, "2027-02-28"),
        ("2026-12-31", "month", 1, "2027-01-31"),
        ("2024-02-29", "year", 1, "2025-02-28"),
        ("2024-02-29", "year", 4, "2028-02-29"),
    ],
)
def test_a_period_ends_on_the_same_day_or_the_last_of_a_short_month(
    start: str, interval: str, count: int, end: str
) -> None:
    """Calendar months, not thirty days."""
    assert day(boundary(at(start), interval, count, 1)) == end


def test_the_day_of_the_month_is_never_lost() -> None:
    """A year from the 31st: short months don't shorten those after them."""
    anchor = at("2026-01-31")

    ends = [day(boundary(anchor, "month", 1, number))[-2:] for number in range(1, 13)]

    assert ends == ["28", "31", "30", "31", "30", "31", "31", "30", "31", "30", "31", "31"]


def test_the_time_of_day_stays() -> None:
    """A period ends at the second at which it began."""
    end = boundary(at("2026-03-31T23:59:58"), "month", 1, 1)

    assert end == at("2026-04-30T23:59:58")


@given(
    anchor=st.integers(at("2020-01-01"), at("2030-01-01")),
    interval=st.sampled_from(["day", "week", "month", "year"]),
    count=st.integers(1, 12),
    later=st.integers(0, 3 * 365 * 24 * 3600),
)
def test_the_next_end_is_the_first_one_after_a_moment(
    anchor: int, interval: str, count: int, later: int
) -> None:
    """No end lies between the moment and it, and it belongs to the anchor's row."""
    moment = anchor + later

    end = next_boundary(anchor, interval, count, moment)

    number = next(n for n in range(1, 2000) if boundary(anchor, interval, count, n) == end)
    before = boundary(anchor, interval, count, number - 1)
    assert before <= moment < end


def test_a_moment_that_is_an_end_belongs_to_the_next_period() -> None:
    """A renewal at the very second starts a new period and doesn't repeat the old one."""
    anchor = at("2026-01-31")

    assert day(next_boundary(anchor, "month", 1, at("2026-02-28"))) == "2026-03-31"


def test_the_clock_moves_forward_only() -> None:
    """Standing still is allowed."""
    clock = Clock(100)
    clock.move_to(100)
    clock.move_to(105)

    with pytest.raises(ValueError, match="can't go back to 104"):
        clock.move_to(104)
    assert clock.now == 105
