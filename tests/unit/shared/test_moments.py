"""Moments as each side writes them, and the clock that gives them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.clock import SystemClock
from shared.moments import day, from_unix, rfc3339, stamp

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
TOKYO = timezone(timedelta(hours=9))


def test_stripes_seconds_become_a_moment_in_utc() -> None:
    """Whatever zone this machine is in."""
    assert from_unix(1_798_761_600) == NEW_YEAR
    assert from_unix(0).tzinfo is UTC


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NEW_YEAR, "2027-01-01T00:00:00Z"),
        (NEW_YEAR.replace(microsecond=999_999), "2027-01-01T00:00:00Z"),
        (datetime(2027, 1, 1, 9, tzinfo=TOKYO), "2027-01-01T00:00:00Z"),
        (datetime(2026, 7, 3, 4, 5, 6, tzinfo=UTC), "2026-07-03T04:05:06Z"),
    ],
)
def test_licensekit_gets_whole_seconds_in_utc(moment: datetime, text: str) -> None:
    """One moment has one text, so that a renewal's key is the same each time."""
    assert rfc3339(moment) == text
    assert stamp(moment) == text


def test_a_license_without_an_end_has_words_for_it() -> None:
    """One for machines and one for people."""
    assert (stamp(None), day(None)) == ("never", "for ever")


def test_people_read_a_date() -> None:
    """The hour an access ends at interests nobody."""
    assert day(NEW_YEAR) == "until 2027-01-01"


def test_the_clock_of_this_machine_tells_utc() -> None:
    """It agrees with the machine and always says its zone."""
    before = datetime.now(UTC)
    told = SystemClock().now()

    assert before <= told <= datetime.now(UTC)
    assert told.utcoffset() == timedelta(0)
