"""Form bodies with brackets, as Stripe's clients write them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.api.forms import read_form


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", {}),
        ("name=Ada", {"name": "Ada"}),
        ("name=", {"name": ""}),
        ("a[b]=1&a[c]=2", {"a": {"b": "1", "c": "2"}}),
        ("a[b][c]=1", {"a": {"b": {"c": "1"}}}),
        ("expand[]=x&expand[]=y", {"expand": ["x", "y"]}),
        ("expand[0]=x&expand[1]=y", {"expand": ["x", "y"]}),
        ("l[0][price]=p&l[0][quantity]=2&l[1][price]=q", None),
        ("metadata[0]=zero&metadata[1]=one", {"metadata": {"0": "zero", "1": "one"}}),
        ("d[metadata][7]=x", {"d": {"metadata": {"7": "x"}}}),
        ("metadata=&metadata[a]=1", {"metadata": {"a": "1"}}),
        ("name=%C3%84da+L", {"name": "Äda L"}),
    ],
)
def test_a_form_is_read_as_stripe_means_it(text: str, meaning: Any) -> None:
    """Groups are objects, numbers and empty brackets are lists, metadata is never a list."""
    lines = {"l": [{"price": "p", "quantity": "2"}, {"price": "q"}]}

    assert read_form(text) == (lines if meaning is None else meaning)


def test_rows_come_in_the_order_of_their_numbers() -> None:
    """Ten comes after nine, and not after one."""
    form = "&".join(f"rows[{number}]={number}" for number in reversed(range(12)))

    assert read_form(form) == {"rows": [str(number) for number in range(12)]}


@given(st.text(max_size=40))
def test_whatever_comes_in_is_read_without_a_crash(text: str) -> None:
    """Strange bodies are for the rules to refuse."""
    assert isinstance(read_form(text), dict)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,9}", fullmatch=True), st.text(max_size=30)))
def test_metadata_comes_back_as_it_was_sent(metadata: dict[str, str]) -> None:
    """Any text, in any script."""
    body = urlencode({f"metadata[{key}]": value for key, value in metadata.items()})

    assert read_form(body).get("metadata", {}) == metadata
