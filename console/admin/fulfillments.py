"""`GET fulfillments`: the rows of `fulfill log`, a page at a time, or one pass in full."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from msgspec import Meta, Struct

from console.admin.faults import unknown
from console.admin.values import Answer, Call, Name, NoQuery
from console.fulfillments import Filters, read_fulfillments, read_page
from console.fulfillments.values import DEFAULT_LIMIT, MAX_LIMIT, Status
from console.story.values import Passed
from shared.database import reading
from shared.tables import passes

LARGEST = 2**63 - 1  # that both databases can hold

Limit = Annotated[int, Meta(ge=1, le=MAX_LIMIT, description="Rows at the most.")]
Cursor = Annotated[int, Meta(ge=1, le=LARGEST, description="`next_cursor` of the page before.")]


class FulfillmentsQuery(Struct, frozen=True):
    """The filters of `fulfill log`, by the same names; all that is given must hold."""

    sale: Name | None = None
    event: Name | None = None
    status: Status | None = None
    customer: Name | None = None
    license: Name | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor | None = None


def list_fulfillments(call: Call[FulfillmentsQuery, None]) -> Answer:
    """Newest first."""
    asked = call.query
    filters = Filters(
        sale=asked.sale,
        event=asked.event,
        status=asked.status,
        customer=asked.customer,
        license=asked.license,
        since=asked.since,
        until=asked.until,
    )
    with reading(call.desk.engine) as connection:
        page = read_page(connection, filters, before=asked.cursor, limit=asked.limit)
    meta = page_meta(asked.limit, page.next_cursor)
    return Answer([row.as_json() for row in page.rows], meta=meta)


def get_fulfillment(call: Call[NoQuery, None]) -> Answer:
    """One pass, by its number."""
    number = int(call.path_id)
    with reading(call.desk.engine) as connection:
        found = read_fulfillments(connection, [number]) if number <= LARGEST else []
        if not found:
            raise unknown(f"pass {number}", "See the numbers in GET /stripe/admin/fulfillments.")
        query = sa.select(passes.c.worker, passes.c.plan).where(passes.c.id == number)
        row = connection.execute(query).one()
    plan: dict[str, Any] = row.plan or {}
    told = Passed(found[0], row.worker, tuple(map(str, plan.get("notes") or ())))
    return Answer({**told.as_json(), "mapping_versions": plan.get("mapping_versions") or {}})


def page_meta(limit: int, next_cursor: int | str | None) -> dict[str, object]:
    return {"limit": limit, "next_cursor": None if next_cursor is None else str(next_cursor)}
