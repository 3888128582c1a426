"""What a term may be, for people, for code and as a command's option. Which terms there are, and
their defaults, stands in `terms`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_ID = 255  # characters; Stripe's own limit
ID_SCHEMA = {"type": "string", "minLength": 1, "maxLength": LONGEST_ID}


class Pairs(Mapping[str, str]):
    """A table of texts that never changes, so that terms can be compared and hashed."""

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Mapping[str, str] | None = None) -> None:
        self._pairs = dict(sorted((pairs or {}).items()))

    def __getitem__(self, name: str) -> str:
        return self._pairs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def __hash__(self) -> int:
        return hash(tuple(self._pairs.items()))

    def __repr__(self) -> str:
        return f"Pairs({self._pairs!r})"


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a term may be. `keep` turns a value that fits into the one that terms hold, `plain`
    turns that into JSON's and TOML's.
    """

    says: str  # "a whole number from 0 to 365"
    fits: Callable[[object], bool]
    schema: Mapping[str, Any]  # as JSON Schema
    option_type: Any  # of one option on a command line; a list's option may be given many times
    keep: Callable[[Any], Any] = _as_it_is
    plain: Callable[[Any], Any] = _as_it_is


def whole(low: int, high: int) -> Allowed:
    """Whole numbers from `low` to `high`, both included."""

    def fits(value: object) -> bool:
        # a bool is an int in Python, and `grace_days = true` is a slip
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

    schema = {"type": "integer", "minimum": low, "maximum": high}
    return Allowed(f"a whole number from {low} to {high}", fits, schema, int)


def one_of(*names: str) -> Allowed:
    """One of a few words."""
    *most, last = (f'"{name}"' for name in names)
    says = f"{', '.join(most)} or {last}"
    return Allowed(says, lambda value: value in names, {"enum": list(names)}, str)


def an_id(of: str) -> Allowed:
    """One id, such as a policy's."""
    return Allowed(f"the id of {of}", _is_id, ID_SCHEMA, str)


def ids(of: str) -> Allowed:
    """A list of ids, each once."""

    def fits(value: object) -> bool:
        if not isinstance(value, (list, tuple)) or not all(map(_is_id, value)):
            return False
        return len(set(value)) == len(value)

    says = f"a list of ids of {of}, each once"
    schema = {"type": "array", "items": ID_SCHEMA, "uniqueItems": True}
    return Allowed(says, fits, schema, list[str], tuple, list)


def ids_by_name(of: str, *, example: str) -> Allowed:
    """A table from names to ids."""

    def fits(value: object) -> bool:
        return isinstance(value, Mapping) and all(
            map(_is_id, (part for pair in value.items() for part in pair))
        )

    says = f"a table to ids of {of}, such as {example}"
    schema = {"type": "object", "additionalProperties": ID_SCHEMA, "propertyNames": ID_SCHEMA}
    return Allowed(says, fits, schema, dict[str, str], Pairs, dict)


def _is_id(value: object) -> bool:
    """A text without blanks around it. No prefix is asked for: some ids are people's own."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID:
        return False
    return value.strip() == value and value.isprintable()
