"""`GET` and `POST /stripe/admin/mappings`: for programs. People have `fulfill mappings`."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.http import HttpError, admin_only, data_response, read_json
from console.mapping_changes import Applied, Author, Wake, apply_drafts
from console.mapping_tables import count_of
from mappings.body import Fault, read_draft
from mappings.store import Entry, read_catalog, read_history
from mappings.values import MappingDraft, plain_mapping
from shared.clock import Clock
from shared.database import reading
from shared.moments import rfc3339
from shared.secrets import Secret

PATH = "/stripe/admin/mappings"
BY = Author("admin token", "mappings.set", f"POST {PATH}")


@dataclass(frozen=True, slots=True)
class MappingDeps:
    """What the routes work with."""

    engine: Engine
    admin_token: Secret
    livemode: bool  # for a body without one: the Stripe key's mode
    clock: Clock
    wake: Wake


def mapping_routes(deps: MappingDeps) -> list[Route]:
    """The routes, closed to all but the admin token.

    GET lists the current mappings, with `?all=true` every version with who and when.
    POST sets one: 201 a new version, 200 nothing to change, 400 not JSON or an unknown field,
    422 any other fault; all faults are told at once.
    """
    guard = admin_only(deps.admin_token)

    @guard
    async def list_mappings(request: Request) -> Response:
        everything = request.query_params.get("all", "").lower() in ("1", "true")
        return data_response(await run_in_threadpool(_rows, deps, everything))

    @guard
    async def post_mapping(request: Request) -> Response:
        draft = _require_draft(await read_json(request), livemode=deps.livemode)
        applied = await run_in_threadpool(_apply, deps, draft)
        row = {**plain_mapping(applied.mappings[0]), "released": len(applied.released)}
        return data_response(row, status=200 if applied.changes[0].kind == "same" else 201)

    return [
        Route(PATH, list_mappings, methods=["GET"]),
        Route(PATH, post_mapping, methods=["POST"]),
    ]


def _rows(deps: MappingDeps, everything: bool) -> list[dict[str, object]]:
    with reading(deps.engine) as connection:
        if everything:
            return [plain_entry(entry) for entry in read_history(connection)]
        return [plain_mapping(mapping) for mapping in read_catalog(connection).all_current()]


def plain_entry(entry: Entry) -> dict[str, object]:
    """A version with its story, as JSON has it."""
    return {
        **plain_mapping(entry.mapping),
        "state": entry.state,
        "set_at": rfc3339(entry.set_at),
        "set_by": entry.set_by,
        "ended_at": rfc3339(entry.ended_at) if entry.ended_at else None,
        "ended_by": entry.ended_by,
    }


def _apply(deps: MappingDeps, draft: MappingDraft) -> Applied:
    return apply_drafts(deps.engine, [draft], now=deps.clock.now(), by=BY, wake=deps.wake)


def _require_draft(body: object, *, livemode: bool) -> MappingDraft:
    found = read_draft(body, livemode=livemode)
    if isinstance(found, MappingDraft):
        return found
    raise _refused(found)


def _refused(faults: tuple[Fault, ...]) -> HttpError:
    unknown = any(fault.unknown_field for fault in faults)
    return HttpError(
        400 if unknown else 422,
        "UNKNOWN_FIELD" if unknown else "VALIDATION_ERROR",
        f"{count_of(len(faults), 'fault')} in the mapping, so nothing was changed.",
        "; ".join(map(str, faults)),
    )
