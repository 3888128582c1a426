"""Cursor pagination, for any number of rows and any size of page."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.api.pages import created_test, equal_test, page
from simulator.errors import StripeFault
from simulator.params import Params


def rows(number: int) -> list[dict[str, Any]]:
    return [{"id": f"row_{index}", "created": index} for index in range(number)]


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in found]


@given(number=st.integers(0, 60), limit=st.integers(1, 25))
def test_forward_pages_together_are_all_rows(number: int, limit: int) -> None:
    """In order, each once, and `has_more` is false on the last page only."""
    everything = rows(number)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    more = True
    while more:
        result = page(everything, Params({"limit": limit, **cursor}), "/v1/rows")
        seen += ids(result["data"])
        more = result["has_more"]
        cursor = {"starting_after": seen[-1]} if seen else {}

    assert seen == ids(everything)


@given(number=st.integers(1, 60), limit=st.integers(1, 25))
def test_backward_pages_together_are_all_rows_before_the_cursor(number: int, limit: int) -> None:
    """Each page in the list's order, the nearest page first."""
    everything = rows(number)
    seen: list[str] = []
    cursor, more = everything[-1]["id"], True
    while more:
        result = page(everything, Params({"limit": limit, "ending_before": cursor}), "/v1/rows")
        seen = ids(result["data"]) + seen
        more = result["has_more"]
        cursor = seen[0] if seen else cursor

    assert seen == ids(everything)[:-1]


def test_ten_rows_are_shown_unless_asked_otherwise() -> None:
    """Stripe's default."""
    assert len(page(rows(11), Params({}), "/v1/rows")["data"]) == 10


@pytest.mark.parametrize("cursor", ["starting_after", "ending_before"])
def test_a_cursor_that_is_not_in_the_list_is_refused(cursor: str) -> None:
    """It names the parameter."""
    with pytest.raises(StripeFault) as refused:
        page(rows(3), Params({cursor: "row_9"}), "/v1/rows")

    assert refused.value.fields["param"] == cursor


@pytest.mark.parametrize(
    ("given_", "found"),
    [
        ("2", [2]),
        ({"gte": "2"}, [2, 3, 4]),
        ({"gt": "2"}, [3, 4]),
        ({"gt": "0", "lte": "2"}, [1, 2]),
        ({"lt": "1"}, [0]),
    ],
)
def test_rows_are_narrowed_to_a_time(given_: Any, found: list[int]) -> None:
    """Exact, or by bounds on either side."""
    test = created_test(given_)

    assert [row["created"] for row in rows(5) if test(row)] == found


def test_an_unknown_comparison_is_refused() -> None:
    """A misspelt bound must not be overlooked."""
    with pytest.raises(StripeFault):
        created_test({"since": "2"})


@pytest.mark.parametrize(
    ("path", "wanted", "fits"),
    [
        ("a.b", "1", True),
        ("a.b", "2", False),
        ("a.none", "1", False),
        ("flag", "true", True),
        ("flag", "True", False),
        ("none.deep", "None", True),
    ],
)
def test_a_value_deep_inside_can_be_asked_for(path: str, wanted: str, fits: bool) -> None:
    """As text, booleans in Stripe's spelling."""
    row = {"a": {"b": 1}, "flag": True}

    assert equal_test(path, wanted)(row) is fits
