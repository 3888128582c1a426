"""`fulfill log`: what was done, newest first. Finding it is the business of `fulfillments`."""

from __future__ import annotations

import json as jsonlib
from typing import Annotated

import typer

from console.commands.options import JsonOption, SinceOption, UntilOption, moment_of, status_of
from console.context import Context, open_context
from console.fulfillments import Filters, Page, read_page
from console.fulfillments.page import log_page
from console.fulfillments.refused import read_refused
from console.fulfillments.values import DEFAULT_LIMIT, MAX_LIMIT, STATUSES
from shared.database import reading

app = typer.Typer()


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
    json: JsonOption = False,
) -> None:
    """Show what was done, newest first. With --json: one object a line.

    Examples:

      fulfill log --since 24h --status failed

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
        with reading(context.engine) as connection:
            page = read_page(connection, filters, before=cursor, limit=limit)
            refused = read_refused(connection, filters)
        _answer(context, page)
        for events in refused:
            context.note(str(events))


def _answer(context: Context, page: Page) -> None:
    if context.json:
        for row in page.rows:
            typer.echo(jsonlib.dumps(row.as_json(), ensure_ascii=False))
        return
    if not page.rows:
        context.note("Nothing fits. Without filters, the log shows everything.")
        return
    context.show(log_page(page))
    if page.next_cursor is not None:
        context.note(f"There are older ones: add --cursor {page.next_cursor}")
