"""`GET` and `POST mappings`. People have `fulfill mappings`."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from console.admin.values import Answer, Call, NoQuery
from console.http import HttpError
from console.mapping_changes import Author, apply_drafts
from console.mapping_tables import count_of, plain_entry
from mappings.body import Fault, read_draft
from mappings.store import read_catalog, read_history
from mappings.values import MappingDraft, plain_mapping
from shared.database import reading

Everything = Annotated[bool, Meta(description="Every version, with who and when.")]


class MappingsQuery(Struct, frozen=True):
    """Which versions."""

    all: Everything = False


def list_mappings(call: Call[MappingsQuery, None]) -> Answer:
    """The current ones by account, mode and id; or every version, oldest first."""
    with reading(call.desk.engine) as connection:
        if call.query.all:
            return Answer([plain_entry(entry) for entry in read_history(connection)])
        return Answer([plain_mapping(one) for one in read_catalog(connection).all_current()])


def set_mapping(call: Call[NoQuery, Any]) -> Answer:
    """201 a new version, 200 nothing to change; sales that waited for it go on at once."""
    draft = _require_draft(call.body, livemode=bool(call.desk.settings.livemode))
    desk = call.desk
    by = Author(call.caller.who, "mappings.set", call.caller.who)
    applied = apply_drafts(desk.engine, [draft], now=call.now, by=by, wake=desk.wake)
    row = {**plain_mapping(applied.mappings[0]), "released": len(applied.released)}
    return Answer(row, status=200 if applied.changes[0].kind == "same" else 201)


def _require_draft(body: object, *, livemode: bool) -> MappingDraft:
    found = read_draft(body, livemode=livemode)
    if isinstance(found, MappingDraft):
        return found
    raise _refused(found)


def _refused(faults: tuple[Fault, ...]) -> HttpError:
    is_unknown = any(fault.unknown_field for fault in faults)
    return HttpError(
        400 if is_unknown else 422,
        "UNKNOWN_FIELD" if is_unknown else "VALIDATION_ERROR",
        f"{count_of(len(faults), 'fault')} in the mapping, so nothing was changed.",
        "; ".join(map(str, faults)),
    )
