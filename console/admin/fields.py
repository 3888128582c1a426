"""From a query string or a JSON body to a checked value, with every fault at once; and the same
fields as JSON Schema. One declaration, a msgspec Struct, says both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from types import NoneType
from typing import Annotated, Any, TypeVar, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo, fields

from console.moments import FORMS, parse_moment

S = TypeVar("S", bound=Struct)

WHOLE = re.compile(r"-?[0-9]{1,20}")
FLAGS = {"true": True, "false": False}
MOMENT: dict[str, Any] = {
    "type": "string",
    "format": "moment",
    "description": FORMS,
    "examples": ["24h"],
}


class Faults(Exception):
    """Every fault as a sentence, and whether one of them is a name that nobody knows."""

    def __init__(self, faults: list[str], *, unknown: bool) -> None:
        self.faults, self.unknown = faults, unknown
        super().__init__("; ".join(faults))


def read_texts(shape: type[S], given: Mapping[str, str], *, now: datetime) -> S:
    """A query string, whose values are all texts. Raises Faults."""
    typed = {name: _typed(shape, name, text) for name, text in given.items()}
    return read_values(shape, typed, now=now)


def read_values(shape: type[S], given: Mapping[str, object], *, now: datetime) -> S:
    """A JSON object. Raises Faults."""
    known = {field.name: field for field in fields(shape)}
    faults = [f"{name}: there is no such field" for name in given if name not in known]
    unknown = bool(faults)
    values: dict[str, Any] = {}
    for name, field in known.items():
        if name not in given:
            if field.default is NODEFAULT and field.default_factory is NODEFAULT:
                faults.append(f"{name}: is missing")
            continue
        try:
            values[name] = _value(field, given[name], now)
        except (msgspec.ValidationError, ValueError) as fault:
            faults.append(f"{name}: {fault}")
    if faults:
        raise Faults(faults, unknown=unknown)
    return shape(**values)


def schema_of(field: FieldInfo, *, in_query: bool) -> dict[str, Any]:
    """The field as JSON Schema. A query has no null: what is not asked for is left out."""
    core = _core(field.type)
    if _bare(core) is datetime:
        found = dict(MOMENT)
    else:
        found = msgspec.json.schema(core)
        found.pop("$schema", None)
    nullable = core is not field.type and not in_query
    if nullable:
        found = dict[str, Any](anyOf=[found, {"type": "null"}])
    if field.default not in (NODEFAULT, None):
        found["default"] = field.default
    return found


def object_schema(shape: type[Struct]) -> dict[str, Any]:
    """A body as JSON Schema."""
    described = {field.name: schema_of(field, in_query=False) for field in fields(shape)}
    needed = [field.name for field in fields(shape) if field.required]
    return {
        "type": "object",
        "description": shape.__doc__ or "",
        "properties": described,
        "required": needed,
        "additionalProperties": False,
    }


def _value(field: FieldInfo, value: object, now: datetime) -> object:
    if _bare(_core(field.type)) is datetime and isinstance(value, str):
        return parse_moment(value, now=now)
    return msgspec.convert(value, field.type)


def _typed(shape: type[Struct], name: str, text: str) -> object:
    """A number or a flag where the field is one. What is neither stays a text, which is a fault."""
    found = next((field for field in fields(shape) if field.name == name), None)
    bare = None if found is None else _bare(_core(found.type))
    if bare is int and WHOLE.fullmatch(text):
        return int(text)
    return FLAGS.get(text, text) if bare is bool else text


def _core(kind: Any) -> Any:
    """`X` of `X | None`."""
    parts = [part for part in get_args(kind) if part is not NoneType]
    return parts[0] if len(parts) == 1 and NoneType in get_args(kind) else kind


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind
