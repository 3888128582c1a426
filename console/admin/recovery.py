"""`POST retry`, `POST sweep` and its progress, `GET problems`: for what does not heal by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from console.admin.faults import unknown
from console.admin.fulfillments import LARGEST
from console.admin.values import Answer, Call, Name, NoQuery
from console.audit import Deed, note
from console.context import CommandError
from console.fulfillments.values import Status, sale_json, stamp
from console.http import HttpError
from console.problems import read_problems
from console.retries import Received, Wanted
from console.retrying import FIRST, Retry, carry_out, look_ahead
from shared.database import reading, transaction
from shared.events.parsing import Served
from worker.sweep.requests import SweepWish, ask_for_sweep, read_sweep

Events = Annotated[tuple[Name, ...], Meta(max_length=500, description="evt_…; any one will do.")]
Statuses = Annotated[tuple[Status, ...], Meta(description="Of the last pass; any one will do.")]


class RetryBody(Struct, frozen=True):
    """The choices of `fulfill retry`, by the same names. What is given narrows the rest."""

    events: Events = ()
    sale: Name | None = None
    customer: Name | None = None
    status: Statuses = ()
    failed: bool = False
    blocked: bool = False
    type: Name | None = None
    since: datetime | None = None
    until: datetime | None = None
    dry_run: bool = False


class SweepBody(Struct, frozen=True):
    """Exactly one of `since` and `all`. `force` lets it pass the guard: see a dry run first."""

    since: datetime | None = None
    all: bool = False
    dry_run: bool = False
    force: bool = False


class ProblemsQuery(Struct, frozen=True):
    """Which problems, and how much of each."""

    cause: Annotated[Name, Meta(description="Only this cause: unmapped_price.")] | None = None
    all: Annotated[bool, Meta(description="Every id, and every sale weighed.")] = False


def retry(call: Call[NoQuery, RetryBody]) -> Answer:
    """Sales made due for the workers; how many, and the first of them."""
    engine, wanted = call.desk.engine, _wanted(call.body)
    if not wanted:
        raise _nothing_chosen("Give events, sale, customer, status, type, since or until.")
    with reading(engine) as connection:
        served = Served.by(call.desk.settings).as_of_now(connection)
    asked = Retry(wanted, served, call.caller.who)
    try:
        if call.body.dry_run:
            return Answer({"dry_run": True, **look_ahead(engine, asked).as_json()})
        raised = carry_out(engine, asked, now=call.now)
    except CommandError as error:
        raise HttpError(422, "NOT_RETRIED", str(error)) from None
    if raised:
        call.desk.wake()
    first = [sale_json(key) for key in raised[:FIRST]]
    return Answer({"dry_run": False, "count": len(raised), "first": first})


def _wanted(body: RetryBody) -> Wanted:
    named = (*body.status, *("failed",) * body.failed, *("blocked",) * body.blocked)
    statuses: tuple[Status, ...] = tuple(dict.fromkeys(named))  # type: ignore[arg-type]
    received = Received(body.since, body.until, body.type)
    return Wanted(body.events, body.sale, body.customer, statuses, received)


def sweep(call: Call[NoQuery, SweepBody]) -> Answer:
    """Written down; a scheduler carries it out within a minute."""
    body, who = call.body, call.caller.who
    if (body.since is None) is not body.all:
        raise _nothing_chosen('Give "since", or "all": true, and not both.')
    wish = SweepWish(body.since, body.dry_run, body.force, who)
    detail = {"since": stamp(body.since), "dry_run": body.dry_run, "force": body.force}
    with transaction(call.desk.engine) as tx:
        number = ask_for_sweep(tx, wish, call.now)
        note(tx, Deed(who, "sweep", str(number), detail), now=call.now)
        found = read_sweep(tx, number)
    return Answer(found.as_json() if found else None, status=202)


def get_sweep(call: Call[NoQuery, None]) -> Answer:
    """How far it has come, and at its end what it found."""
    number = int(call.path_id)
    with reading(call.desk.engine) as connection:
        found = read_sweep(connection, number) if number <= LARGEST else None
    if found is None:
        raise unknown(f"sweep {number}", "POST /stripe/admin/sweep tells a sweep's number.")
    return Answer(found.as_json())


def list_problems(call: Call[ProblemsQuery, None]) -> Answer:
    """What keeps the most money and buyers waiting stands first."""
    desk, asked = call.desk, call.query
    with reading(desk.engine) as connection:
        found = read_problems(
            connection, desk.settings, call.now, cause=asked.cause, everything=asked.all
        )
    return Answer([group.as_json() for group in found])


def _nothing_chosen(what: str) -> HttpError:
    return HttpError(422, "VALIDATION_ERROR", f"Nothing was raised. {what}")
