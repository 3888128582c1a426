"""Cursor pagination and filters. Source: docs.stripe.com/api/pagination"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simulator.errors import bad_parameter, missing_reference
from simulator.params import Params
from simulator.values import Obj, listing

MOST = 100
DEFAULT = 10
COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    "gt": lambda value, bound: value > bound,
    "gte": lambda value, bound: value >= bound,
    "lt": lambda value, bound: value < bound,
    "lte": lambda value, bound: value <= bound,
}
Test = Callable[[Obj], bool]


def page(rows: Sequence[Obj], params: Params, url: str) -> Obj:
    """One page of rows, which come in the order to be shown."""
    limit = params.number("limit", DEFAULT)
    if not 1 <= limit <= MOST:
        raise bad_parameter("limit", f"Invalid integer: must be between 1 and {MOST}")
    after, before = params.text("starting_after"), params.text("ending_before")
    if before is not None:
        rows = rows[: _index(rows, before, "ending_before")]
        return listing(rows[-limit:], url, has_more=len(rows) > limit)
    if after is not None:
        rows = rows[_index(rows, after, "starting_after") + 1 :]
    return listing(rows[:limit], url, has_more=len(rows) > limit)


def created_test(given: Any) -> Test:
    """`created=…` or `created[gte]=…`, in seconds since 1970."""
    if not isinstance(given, dict):
        return lambda obj: obj["created"] == int(given)
    unknown = set(given) - set(COMPARE)
    if unknown:
        raise bad_parameter(f"created[{min(unknown)}]", "Unknown comparison")
    bounds = [(COMPARE[name], int(bound)) for name, bound in given.items()]
    return lambda obj: all(test(obj["created"], bound) for test, bound in bounds)


def equal_test(path: str, wanted: str) -> Test:
    """The value at a dotted path, as text, is the one wanted."""
    return lambda obj: _text(_value(obj, path)) == wanted


def _value(obj: Obj, path: str) -> Any:
    value: Any = obj
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _index(rows: Sequence[Obj], object_id: str, param: str) -> int:
    for index, row in enumerate(rows):
        if row["id"] == object_id:
            return index
    raise missing_reference("object", object_id, param)
