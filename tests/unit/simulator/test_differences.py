"""What `previous_attributes` says."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.updates import difference

VALUES = st.recursive(
    st.none() | st.integers(0, 2) | st.sampled_from(["a", "b"]),
    lambda inner: st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.sampled_from("pqr"), VALUES, max_size=3)


@pytest.mark.parametrize(
    ("before", "after", "previous"),
    [
        ({"a": 1}, {"a": 1}, {}),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"b": 2}),
        ({}, {"a": 1}, {"a": None}),
        ({"m": {"a": "1", "b": "2"}}, {"m": {"a": "1", "b": "3"}}, {"m": {"b": "2"}}),
        ({"m": {"a": "1"}}, {"m": {}}, {"m": {"a": "1"}}),
        ({"m": None}, {"m": {"a": "1"}}, {"m": None}),
        ({"rows": [1, 2]}, {"rows": [1, 3]}, {"rows": [1, 2]}),
    ],
)
def test_only_what_changed_is_told_with_its_old_value(
    before: dict[str, Any], after: dict[str, Any], previous: dict[str, Any]
) -> None:
    """Groups are told key by key, lists as a whole, new keys as None."""
    assert difference(before, after) == previous


@given(OBJECTS)
def test_nothing_changed_means_nothing_told(obj: dict[str, Any]) -> None:
    """So a write without a change makes no event."""
    assert difference(obj, copy.deepcopy(obj)) == {}


@given(OBJECTS, OBJECTS)
def test_something_is_told_whenever_something_changed(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    """A change is never silent, and never invented for keys that stayed."""
    previous = difference(before, after)

    for name in {**before, **after}:
        same = before.get(name) == after.get(name)
        assert (name in previous) is not same
