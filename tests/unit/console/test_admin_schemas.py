"""The fields of queries and bodies, as values and as JSON Schema, from one declaration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Meta, Struct
from msgspec.structs import fields

from console.admin.fields import MOMENT, Faults, object_schema, read_texts, read_values, schema_of
from console.admin.shelf import KEPT_FOR, Shelf
from console.admin.values import Name

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Asked(Struct, frozen=True):
    """One field of each kind."""

    name: Name
    limit: Annotated[int, Meta(ge=1, le=1000)] = 50
    fresh: bool = False
    since: datetime | None = None
    note: str | None = None


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"name": "sub_1"}, Asked("sub_1")),
        ({"name": "sub_1", "limit": "7"}, Asked("sub_1", limit=7)),
        ({"name": "sub_1", "fresh": "true"}, Asked("sub_1", fresh=True)),
        ({"name": "sub_1", "since": "24h"}, Asked("sub_1", since=NOW - timedelta(days=1))),
        ({"name": "42", "note": "true"}, Asked("42", note="true")),
        ({"name": "sub_1", "note": ""}, Asked("sub_1", note="")),
    ],
)
def test_a_text_of_a_query_becomes_what_its_field_is(given: dict[str, str], read: Asked) -> None:
    """A number only where a number is asked for: an id may look like one."""
    assert read_texts(Asked, given, now=NOW) == read


@pytest.mark.parametrize(
    ("given", "faulty"),
    [
        ({}, ["name"]),
        ({"name": "a b"}, ["name"]),
        ({"name": "x" * 256}, ["name"]),
        ({"name": "ü"}, ["name"]),
        ({"name": "a", "limit": "0"}, ["limit"]),
        ({"name": "a", "limit": "1001"}, ["limit"]),
        ({"name": "a", "limit": "1e3"}, ["limit"]),
        ({"name": "a", "limit": "٧"}, ["limit"]),
        ({"name": "a", "limit": "9" * 5000}, ["limit"]),
        ({"name": "a", "fresh": "True"}, ["fresh"]),
        ({"name": "a", "fresh": "1"}, ["fresh"]),
        ({"name": "a", "since": "soon"}, ["since"]),
        ({"name": "a", "x": "1", "limit": "0"}, ["x", "limit"]),
    ],
)
def test_every_fault_of_a_query_is_named_by_its_field(
    given: dict[str, str], faulty: list[str]
) -> None:
    """All at once, so that nobody mends one after the other."""
    with pytest.raises(Faults) as told:
        read_texts(Asked, given, now=NOW)

    assert [fault.partition(": ")[0] for fault in told.value.faults] == faulty
    assert told.value.unknown is ("x" in given)
    assert str(told.value) == "; ".join(told.value.faults)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("limit", value) for value in ("7", 7.5, True, None, [7])),
        *(("fresh", value) for value in ("true", 1, None)),
        *(("since", value) for value in (7, True, ["24h"], "soon")),
        *(("note", value) for value in (7, {}, ["a"])),
        *(("name", value) for value in (None, "", 7)),
    ],
)
def test_a_body_is_never_bent_into_shape(field: str, value: object) -> None:
    """A program that sends a text for a number has a fault of its own."""
    with pytest.raises(Faults) as told:
        read_values(Asked, {"name": "sub_1", field: value}, now=NOW)

    assert [fault.partition(": ")[0] for fault in told.value.faults] == [field]


@settings(max_examples=50)
@given(st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=4))
def test_any_query_at_all_is_read_or_refused(given: dict[str, str]) -> None:
    """Strangers' texts never end in a fault of ours."""
    known = {"name", "limit", "fresh", "since", "note"}
    try:
        read = read_texts(Asked, {"name": "sub_1", **given}, now=NOW)
    except Faults as told:
        faulty = {fault.partition(": ")[0] for fault in told.faults}
    else:
        faulty = set()
        assert read.note == given.get("note")

    assert set(given) - known <= faulty | {one for one in given if ": " in one}


def schemas(*, in_query: bool) -> dict[str, Any]:
    return {field.name: schema_of(field, in_query=in_query) for field in fields(Asked)}


def test_a_field_is_described_with_its_limits_and_its_default() -> None:
    """In a query what is not asked for is left out; a body may say null."""
    name = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}

    assert schemas(in_query=True) == {
        "name": name,
        "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50},
        "fresh": {"type": "boolean", "default": False},
        "since": MOMENT,
        "note": {"type": "string"},
    }
    assert schemas(in_query=False)["since"] == {"anyOf": [MOMENT, {"type": "null"}]}
    assert schemas(in_query=False)["note"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}


def test_a_body_is_described_with_what_it_needs() -> None:
    """And that nothing else may stand in it."""
    told = object_schema(Asked)

    assert (told["type"], told["description"]) == ("object", "One field of each kind.")
    assert (told["required"], told["additionalProperties"]) == (["name"], False)
    assert list(told["properties"]) == ["name", "limit", "fresh", "since", "note"]


def test_a_shelf_forgets_what_nobody_asks_for_any_more() -> None:
    """Of a thousand accounts asked for once a day, a handful is kept at a time."""
    shelf = Shelf[int]()
    for number in range(10):
        shelf.take(number, lambda: 1, now=NOW)

    shelf.take("new", lambda: 2, now=NOW + KEPT_FOR)

    assert repr(shelf).count("Kept(") == 1
