"""From when to when events are fetched, and in slices of which width."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worlds.sales import NOW
from worker.sweep.events import (
    AHEAD,
    FULL_SLICE,
    KEPT,
    LONGEST_SLICE,
    OVERLAP,
    SHORTEST_SLICE,
    YOUNG,
    choose_end,
    choose_start,
    choose_width,
)
from worker.sweep.marks import Mark

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
OLDEST = NOW - KEPT
spans = st.timedeltas(timedelta(0), timedelta(days=60))


def test_a_look_ends_a_minute_ago_in_whole_seconds() -> None:
    """What is younger may still be on its way to us, and Stripe counts no parts of a second."""
    assert choose_end(None, now=NOW + timedelta(microseconds=7)) == NOW - YOUNG
    assert choose_end(NOW, now=NOW) == NOW - YOUNG


def test_a_clock_that_is_a_little_fast_is_no_other_clock() -> None:
    """Five minutes are still ours; what is dated later comes from a clock of its own."""
    assert choose_end(NOW + AHEAD, now=NOW) == NOW - YOUNG
    assert choose_end(NOW + AHEAD + SECOND, now=NOW) == NOW + AHEAD + 2 * SECOND


def test_a_look_begins_a_little_before_the_mark() -> None:
    """An event may be listed later than its second says."""
    mark = Mark(NOW - 9 * DAY, NOW - DAY)

    assert choose_start(mark, OLDEST, NOW) == NOW - DAY - OVERLAP


def test_the_overlap_never_reaches_back_behind_the_first_look() -> None:
    """What is older was never ours to take."""
    mark = Mark(NOW - DAY, NOW - DAY + SECOND)

    assert choose_start(mark, OLDEST, NOW) == NOW - DAY


def test_what_stripe_lists_no_more_is_not_asked_for() -> None:
    """Its events are gone after thirty days."""
    assert choose_start(Mark(NOW - 90 * DAY, NOW - 80 * DAY), OLDEST, NOW) == OLDEST


def test_a_mark_beyond_the_end_is_drawn_back_to_it() -> None:
    """A simulator that began anew stands before the mark of the one before."""
    ahead = Mark(NOW + 40 * DAY, NOW + 50 * DAY)

    assert choose_start(ahead, OLDEST, NOW) == NOW


@given(spans, spans, spans)
@settings(max_examples=50)
def test_a_look_begins_between_what_stripe_keeps_and_its_end_whatever_the_mark(
    first: timedelta, taken: timedelta, later: timedelta
) -> None:
    """It never asks for what is not there, and never runs backwards."""
    since = NOW - timedelta(days=60) + first
    start = choose_start(Mark(since, since + taken), OLDEST, NOW + later)

    assert OLDEST <= start <= NOW + later
    assert start <= max(since + taken, OLDEST)


@pytest.mark.parametrize(
    ("last", "events", "hours"),
    [
        (SHORTEST_SLICE, 0, 2),
        (timedelta(hours=8), FULL_SLICE - 1, 16),
        (timedelta(hours=16), 0, 24),
        (LONGEST_SLICE, 0, 24),
        (LONGEST_SLICE, FULL_SLICE, 1),
        (SHORTEST_SLICE, 10 * FULL_SLICE, 1),
    ],
)
def test_a_slice_is_twice_as_wide_while_little_happens_and_short_again_after_a_full_one(
    last: timedelta, events: int, hours: int
) -> None:
    """A day at most, so that memory is bounded."""
    assert choose_width(last, events) == timedelta(hours=hours)


def test_a_quiet_month_is_asked_for_in_few_slices() -> None:
    """A request each; in hours it would be seven hundred and twenty."""
    width, left, slices = SHORTEST_SLICE, KEPT, 0
    while left > timedelta(0):
        left -= width
        width = choose_width(width, 0)
        slices += 1

    assert slices == 34
