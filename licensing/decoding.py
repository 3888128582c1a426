"""Reads a request's body and query strictly: 400 for what can't be read, 422 for what may not be.

Source: the contract's InvalidJSON and ValidationError; which type mismatch is which is ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TypeVar

import msgspec

from licensing.bodies import Body, Time
from licensing.errors import invalid, invalid_json, invalid_query

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
NUL = "\x00"  # PostgreSQL can't keep it in a text

# What msgspec says when a value is of another type, as opposed to out of bounds.
_SYNTAX = re.compile(r"unknown field|, got `|Invalid RFC3339|timezone component|JSON|Invalid value")

B = TypeVar("B", bound=Body)


def decode_body(raw: bytes, kind: type[B]) -> B:
    """Raises a 400 for JSON that is none or has an unknown field, a 422 for a broken bound."""
    try:
        body: B = _decoder(kind).decode(raw)
    except msgspec.ValidationError as fault:
        text = str(fault)
        raise (invalid_json if _SYNTAX.search(text) else invalid)(text) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise invalid_json("the body is not JSON") from None
    if rb"\u0000" in raw and _has_nul(msgspec.json.decode(raw)):
        raise invalid("a text may not contain the NUL character")
    return body


def read_limit(query: Mapping[str, str]) -> int:
    """How many rows a list may have: 50 when not said, 200 at most."""
    text = query.get("limit")
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdecimal() and text.strip("0")):
        raise invalid_query("limit must be a whole number of at least 1")
    return MAX_LIMIT if len(text.lstrip("0")) > 3 else min(int(text), MAX_LIMIT)


def read_text(query: Mapping[str, str], name: str) -> str | None:
    """A filter's text, or None when it is not there."""
    text = query.get(name)
    if text is not None and NUL in text:
        raise invalid_query(f"{name} may not contain the NUL character")
    return text


def read_choice(query: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str | None:
    """A filter that takes one of `choices`."""
    text = query.get(name)
    if text is not None and text not in choices:
        raise invalid_query(f"{name} must be one of {', '.join(choices)}")
    return text


def read_moment(query: Mapping[str, str], name: str) -> datetime | None:
    """A moment in RFC 3339, with its zone."""
    text = query.get(name)
    if text is None:
        return None
    try:
        return msgspec.convert(text, Time).astimezone(UTC)
    except (msgspec.ValidationError, OverflowError, ValueError):
        raise invalid_query(f"{name} must be a date and time in RFC 3339, with a zone") from None


@cache
def _decoder(kind: type[B]) -> msgspec.json.Decoder[B]:
    return msgspec.json.Decoder(kind)


def _has_nul(value: object) -> bool:
    match value:
        case str():
            return NUL in value
        case dict():
            return any(_has_nul(part) for pair in value.items() for part in pair)
        case list():
            return any(map(_has_nul, value))
        case _:
            return False
