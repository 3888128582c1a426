"""How metadata is merged, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import StripeFault
from simulator.metadata import merged

SMALL = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["", "1", "2"]))


@pytest.mark.parametrize(
    ("current", "given_", "result"),
    [
        ({}, {"a": "1"}, {"a": "1"}),
        ({"a": "1"}, {"b": "2"}, {"a": "1", "b": "2"}),
        ({"a": "1"}, {"a": "2"}, {"a": "2"}),
        ({"a": "1", "b": "2"}, {"a": ""}, {"b": "2"}),
        ({"a": "1"}, "", {}),
        ({"a": "1"}, {}, {"a": "1"}),
        ({}, {"a": 7}, {"a": "7"}),
    ],
)
def test_metadata_is_merged(current: dict[str, str], given_: Any, result: dict[str, str]) -> None:
    """Set, replace, unset one, unset all; values are text."""
    assert merged(current, given_) == result


@given(current=SMALL, given_=SMALL)
def test_merging_twice_is_merging_once(current: dict[str, str], given_: dict[str, str]) -> None:
    """So a repeated write changes nothing."""
    once = merged(current, given_)

    assert merged(once, given_) == once


@given(current=SMALL, given_=SMALL)
def test_merging_leaves_what_was_there_alone(
    current: dict[str, str], given_: dict[str, str]
) -> None:
    """A refused write must not have changed anything."""
    before = dict(current)

    merged(current, given_)

    assert current == before


@pytest.mark.parametrize(
    ("given_", "reason"),
    [
        ("text", "Invalid object"),
        ({"a" * 41: "1"}, "keys can have up to 40"),
        ({"a": "1" * 501}, "values can have up to 500"),
        ({"a[b]": "1"}, "square brackets"),
        ({"a": {"b": "1"}}, "must be strings"),
        ({str(number): "1" for number in range(51)}, "up to 50 keys; you passed in 51"),
    ],
)
def test_metadata_that_does_not_fit_is_refused(given_: Any, reason: str) -> None:
    """With the limit that was passed."""
    with pytest.raises(StripeFault, match=reason):
        merged({}, given_)


def test_the_limits_themselves_are_allowed() -> None:
    """50 keys of 40 characters with values of 500."""
    full = {f"{number:040}": "v" * 500 for number in range(50)}

    assert merged({}, full) == full


def test_a_full_set_can_be_changed_but_not_grown() -> None:
    """Unsetting one makes room for another in the same write."""
    full = {str(number): "v" for number in range(50)}

    assert len(merged(full, {"0": "", "new": "v"})) == 50
    with pytest.raises(StripeFault):
        merged(full, {"new": "v"})
