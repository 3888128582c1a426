"""On which terms a mapping sells. Each term is one line here: its checks, TOML, JSON, options and
documentation all come from that line. What the terms do to a sale is the worker's business.
"""
# ruff: noqa: RUF009  (`term` gives a field, as dataclasses.field does; it makes no shared default)

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, cast

Quantity = Literal["one_license", "license_per_unit"]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a term may be: for people, for code, and as a command's option type."""

    says: str  # "a whole number from 0 to 365"
    fits: Callable[[object], bool]
    option_type: type[int] | type[str]


def whole(low: int, high: int) -> Allowed:
    """Whole numbers from `low` to `high`, both included."""

    def fits(value: object) -> bool:
        # a bool is an int in Python, and `grace_days = true` is a slip
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

    return Allowed(f"a whole number from {low} to {high}", fits, int)


def one_of(*names: str) -> Allowed:
    """One of a few words."""
    return Allowed(" or ".join(f'"{name}"' for name in names), lambda value: value in names, str)


def term(default: object, allowed: Allowed, about: str) -> Any:
    """One field of `Terms`. A default of None makes the term one that may be left open."""
    return dataclasses.field(default=default, metadata={"allowed": allowed, "about": about})


# fmt: off
@dataclass(frozen=True, slots=True)
class Terms:
    """A sale keeps the terms it was sold under; other terms are a new version of the mapping."""

    grace_days: int = term(0, whole(0, 365), "days of access after the end of the paid period")
    quantity: Quantity = term("one_license", one_of("one_license", "license_per_unit"),
                              "one license that carries the quantity, or a license for each unit")
    term_days: int | None = term(None, whole(1, 36_500),
                                 "days that a one-time sale of a time-limited policy lasts")
# fmt: on


@dataclass(frozen=True, slots=True)
class TermField:
    """One term as the table above has it."""

    name: str
    default: object
    allowed: Allowed
    about: str

    @property
    def default_says(self) -> str:
        return "none" if self.default is None else str(self.default)

    def fault_of(self, value: object) -> str | None:
        """What is wrong with `value`, as the end of a sentence about this term, or None."""
        open_end = value is None and self.default is None
        return None if open_end or self.allowed.fits(value) else f"must be {self.allowed.says}"


TERM_FIELDS: dict[str, TermField] = {
    field.name: TermField(
        field.name, field.default, field.metadata["allowed"], field.metadata["about"]
    )
    for field in dataclasses.fields(Terms)
}


def check_terms(raw: Mapping[str, object]) -> dict[str, str]:
    """What is wrong with each term of `raw`, by its name: `{"grace_days": "must be …"}`."""
    faults: dict[str, str] = {}
    for name, value in raw.items():
        field = TERM_FIELDS.get(name)
        fault = field.fault_of(value) if field else unknown(name, TERM_FIELDS)
        if fault:
            faults[name] = fault
    return faults


def unknown(name: str, known: Mapping[str, object]) -> str:
    """`is not known, did you mean "grace_days"?`, or the whole list when nothing is near."""
    near = get_close_matches(name, known, n=1)
    if near:
        return f'is not known, did you mean "{near[0]}"?'
    return f"is not known, known are {', '.join(known)}"


def terms_of(raw: Mapping[str, object]) -> Terms:
    """Terms from a checked body or a kept row; what isn't named there takes its default."""
    return Terms(**cast(dict[str, Any], {k: v for k, v in raw.items() if k in TERM_FIELDS}))


def plain_terms(terms: Terms, *, only_changed: bool = False) -> dict[str, object]:
    """Every term by name in the table's order, or only those that differ from their default."""
    return {
        name: getattr(terms, name)
        for name, field in TERM_FIELDS.items()
        if not only_changed or getattr(terms, name) != field.default
    }


def terms_in_markdown() -> str:
    """The table of terms for the documentation."""
    rows = [
        f"| `{f.name}` | {f.default_says} | {f.allowed.says} | {f.about} |"
        for f in TERM_FIELDS.values()
    ]
    return "\n".join(["| term | default | may be | what it says |", "|---|---|---|---|", *rows])
