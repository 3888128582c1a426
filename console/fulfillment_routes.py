"""`GET /stripe/admin/fulfillments`: the rows of `fulfill log`, a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy.engine import Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.fulfillments import Filters, Page, read_page
from console.fulfillments.values import DEFAULT_LIMIT, MAX_LIMIT, STATUSES, Status
from console.http import HttpError, admin_only, data_response
from console.moments import parse_moment
from shared.database import reading
from shared.secrets import Secret

PATH = "/stripe/admin/fulfillments"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """A checked query string."""

    filters: Filters
    limit: int  # rows
    cursor: int | None  # the `next_cursor` of the page before


def fulfillment_routes(engine: Engine, admin_token: Secret) -> list[Route]:
    """One route, for whoever holds the admin token."""

    @admin_only(admin_token)
    async def fulfillments(request: Request) -> Response:
        question = read_question(dict(request.query_params), now=datetime.now(UTC))
        page = await run_in_threadpool(_read, engine, question)
        cursor = None if page.next_cursor is None else str(page.next_cursor)
        meta = {"limit": question.limit, "next_cursor": cursor}
        return data_response([row.as_json() for row in page.rows], meta=meta)

    return [Route(PATH, fulfillments, methods=["GET"])]


def _read(engine: Engine, question: Question) -> Page:
    with reading(engine) as connection:
        return read_page(connection, question.filters, before=question.cursor, limit=question.limit)


def read_question(query: dict[str, str], *, now: datetime) -> Question:
    """The filters of `fulfill log`, by the same names. Raises HttpError 400 with every fault."""
    asked = dict(query)
    faults: list[str] = []

    def take(name: str, parse: Callable[[str], T]) -> T | None:
        text = asked.pop(name, None)
        try:
            return None if text is None else parse(text)
        except ValueError as fault:
            faults.append(f"{name}: {fault}")
            return None

    def moment(text: str) -> datetime:
        return parse_moment(text, now=now)

    question = Question(
        filters=Filters(
            sale=take("sale", _name),
            event=take("event", _name),
            status=take("status", _status),
            customer=take("customer", _name),
            license=take("license", _name),
            since=take("since", moment),
            until=take("until", moment),
        ),
        limit=take("limit", _number(MAX_LIMIT)) or DEFAULT_LIMIT,
        cursor=take("cursor", _number(2**63 - 1)),
    )
    faults += [f"{name}: there is no such filter" for name in asked]
    if faults:
        detail = "; ".join(faults)
        raise HttpError(400, "INVALID_QUERY", "The query has faults, so nothing was read.", detail)
    return question


def _name(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty")
    return text.strip()


def _status(text: str) -> Status:
    for status in STATUSES:
        if status == text:
            return status
    raise ValueError(f"{text!r} is none of {', '.join(STATUSES)}")


def _number(most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:20]) <= most:
            raise ValueError(f"must be a whole number from 1 to {most}")
        return int(text)

    return parse
