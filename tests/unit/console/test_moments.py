"""Moments as people type them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from console.moments import parse_deadline, parse_moment, say_moment

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11-20", "2026-11-20 00:00:00"),
        ("2026-11-20T12:00:00Z", "2026-11-20 12:00:00"),
        ("2026-11-20T12:00:00+02:00", "2026-11-20 10:00:00"),
        ("90m", "2026-11-21 10:30:00"),
        ("24h", "2026-11-20 12:00:00"),
        ("7d", "2026-11-14 12:00:00"),
    ],
)
def test_a_moment_is_read_as_a_date_a_time_or_so_long_ago(text: str, said: str) -> None:
    """Without a zone a moment is UTC, as everything that is shown."""
    assert say_moment(parse_moment(text, now=NOW)) == said


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-13-01", "5x", "-3h", "999999w", "0001-01-01T00:00:00+23:00"],
)
def test_anything_else_is_refused_with_the_forms_that_work(text: str) -> None:
    """Nobody should have to look up how to write a date."""
    with pytest.raises(ValueError, match="24h"):
        parse_moment(text, now=NOW)


@pytest.mark.parametrize(
    ("text", "said"),
    [("90d", "2027-02-19 12:00:00"), ("12h", "2026-11-22 00:00:00"), ("2027-01-31", "2027-01-31")],
)
def test_a_deadline_is_a_date_or_so_long_from_now(text: str, said: str) -> None:
    """The same forms, looked at from the other side."""
    assert say_moment(parse_deadline(text, now=NOW)).startswith(said)


@pytest.mark.parametrize("text", ["", "soon", "2026-11-21", "0d", "9999999d", "999999w"])
def test_a_deadline_that_is_over_or_no_moment_is_refused(text: str) -> None:
    """What expires at once is a slip."""
    with pytest.raises(ValueError, match="90d"):
        parse_deadline(text, now=NOW)
