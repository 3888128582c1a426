"""`fulfill log`: what was done, newest first. Finding it is the business of `fulfillments`."""

from __future__ import annotations

import json as jsonlib
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

import typer

from console.commands.options import JsonOption, SinceOption, UntilOption, moment_of
from console.commands.statuses import status_of
from console.context import Context, open_context
from console.fulfillments import Filters, Fulfillment, Page, read_page
from console.fulfillments.follow import Follower
from console.fulfillments.follow import follow as follow_log
from console.fulfillments.page import log_page
from console.fulfillments.refused import read_refused
from console.fulfillments.values import DEFAULT_LIMIT, MAX_LIMIT, STATUSES
from shared.database import reading

app = typer.Typer()

LOOK_SECONDS = 0.5  # between two looks: soon enough for a person, and cheap for the database


@app.command("log")
def log(  # noqa: PLR0913 - one option each
    *,
    sale: Annotated[
        str | None, typer.Option("--sale", help="Stripe's sub_…, cs_… or in_….")
    ] = None,
    event: Annotated[str | None, typer.Option("--event", help="Stripe's evt_….")] = None,
    status: Annotated[str | None, typer.Option("--status", help=f"{', '.join(STATUSES)}.")] = None,
    customer: Annotated[
        str | None, typer.Option("--customer", help="Stripe's cus_… or LicenseKit's cust_….")
    ] = None,
    license_id: Annotated[str | None, typer.Option("--license", help="LicenseKit's lic_….")] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=MAX_LIMIT, help="Rows at the most.")
    ] = DEFAULT_LIMIT,
    cursor: Annotated[
        int | None, typer.Option("--cursor", help="Only passes older than this number.")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with new passes as they close; Ctrl-C ends it.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Show what was done, newest first. With --json: one object a line.

    With --follow the newest stands last, and what closes from then on is added.

    Examples:

      fulfill log --since 24h --status failed

      fulfill log --follow

      fulfill log --customer cus_1 --json
    """
    with open_context(json=json) as context:
        now = context.clock.now()
        filters = Filters(
            sale=sale,
            event=event,
            status=None if status is None else status_of(status),
            customer=customer,
            license=license_id,
            since=moment_of(since, now=now, option="--since"),
            until=moment_of(until, now=now, option="--until"),
        )
        if follow and (until or cursor):
            raise typer.BadParameter("new passes have no --until and no --cursor")
        if follow:
            _follow(context, filters, limit)
            return
        with reading(context.engine) as connection:
            page = read_page(connection, filters, before=cursor, limit=limit)
            refused = read_refused(connection, filters)
        _answer(context, page)
        for events in refused:
            context.note(str(events))


def _follow(context: Context, filters: Filters, limit: int) -> None:
    """First what is there, the newest last; then what closes, until somebody has seen enough."""

    def interrupted() -> None:
        context.note("The database does not answer; this goes on once it does.")

    def wait() -> bool:
        time.sleep(LOOK_SECONDS)
        return True

    with suppress(KeyboardInterrupt):
        with reading(context.engine) as connection:
            # before the page: what closes between the two is in one of them
            follower = Follower.now(connection, filters)
            page = read_page(connection, filters, limit=limit)
        follower.skip(page.rows)
        _tell(context, page.rows[::-1])
        for rows in follow_log(context.engine, follower, wait, interrupted=interrupted):
            _tell(context, rows)


def _tell(context: Context, rows: Sequence[Fulfillment]) -> None:
    if context.json:
        for row in rows:
            typer.echo(jsonlib.dumps(row.as_json(), ensure_ascii=False))
    elif rows:
        context.show(log_page(Page(tuple(rows), None)))


def _answer(context: Context, page: Page) -> None:
    _tell(context, page.rows)
    if not page.rows and not context.json:
        context.note("Nothing fits. Without filters, the log shows everything.")
    if page.next_cursor is not None and not context.json:
        context.note(f"There are older ones: add --cursor {page.next_cursor}")
