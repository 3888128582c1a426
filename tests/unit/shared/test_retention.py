"""For how many days history is kept: what may be written, and what is answered to the rest."""

from __future__ import annotations

from dataclasses import asdict, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.retention import LONGEST_DAYS, SHORTEST_DAYS, Retention, read_retention

KINDS = [field.name for field in fields(Retention)]
STRIPES = "; Stripe lists them for 30, and a sweep must know them"
LIST = (
    "must be a number of days, or some of events, passes, audit, sweeps once each, such as "
    "events=90,audit=730"
)

days = st.fixed_dictionaries(
    {kind: st.integers(SHORTEST_DAYS.get(kind, 1), LONGEST_DAYS) for kind in KINDS}
)


@given(days, st.permutations(KINDS), st.sampled_from([",", " , ", ",,", ",\t"]))
def test_any_choice_is_read_as_it_is_written(
    chosen: dict[str, int], order: list[str], between: str
) -> None:
    """In any order, with blanks and empty places between."""
    text = between.join(f"{kind} = {chosen[kind]}" for kind in order)

    assert asdict(read_retention(text)) == chosen


@given(days, st.sets(st.sampled_from(KINDS), min_size=1))
def test_a_kind_that_is_not_named_keeps_its_default(chosen: dict[str, int], some: set[str]) -> None:
    """Whoever shortens one does not have to know the others."""
    read = read_retention(",".join(f"{kind}={chosen[kind]}" for kind in sorted(some)))

    assert asdict(read) == {**asdict(Retention()), **{kind: chosen[kind] for kind in some}}


@given(st.integers(31, LONGEST_DAYS))
def test_one_number_is_for_every_kind(number: int) -> None:
    """The usual wish: nothing older than this."""
    assert set(asdict(read_retention(str(number))).values()) == {number}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("0", f"must give events a whole number of days from 31 to 36500{STRIPES}"),
        ("30", f"must give events a whole number of days from 31 to 36500{STRIPES}"),
        ("36501", f"must give events a whole number of days from 31 to 36500{STRIPES}"),
        ("events=30", f"must give events a whole number of days from 31 to 36500{STRIPES}"),
        ("passes=0", "must give passes a whole number of days from 1 to 36500"),
        ("audit=36501", "must give audit a whole number of days from 1 to 36500"),
        ("sweeps=1.5", "must give sweeps a whole number of days from 1 to 36500"),
        ("sweeps=-1", "must give sweeps a whole number of days from 1 to 36500"),
        ("passes", "must give passes a whole number of days from 1 to 36500"),
        ("passes=", "must give passes a whole number of days from 1 to 36500"),
        ("passes=9=9", "must give passes a whole number of days from 1 to 36500"),
        ("audit=1,passes=x", "must give passes a whole number of days from 1 to 36500"),
        ("links=90", LIST),
        ("Events=90", LIST),
        ("audit=9,audit=9", LIST),
        ("90 days", LIST),
        ("-1", LIST),
        ("", LIST),
        (" , ", LIST),
    ],
)
def test_what_can_not_be_kept_is_refused_with_what_can(text: str, fault: str) -> None:
    """Names the kind and both ends; why events have a longer least is said with it."""
    with pytest.raises(ValueError, match=r"^must ") as caught:
        read_retention(text)

    assert str(caught.value) == fault


def test_each_default_can_be_written_down_too() -> None:
    """Whoever copies them out of the documentation gets the same."""
    text = ",".join(f"{kind}={number}" for kind, number in asdict(Retention()).items())

    assert read_retention(text) == Retention()


def test_events_are_kept_for_longer_than_stripe_lists_them() -> None:
    """A sweep that finds one in Stripe's list and not here would take it for a missed one."""
    assert SHORTEST_DAYS["events"] > 30
    assert Retention().events >= SHORTEST_DAYS["events"]
