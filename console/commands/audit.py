"""`fulfill audit`: who did what, newest first."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from rich.text import Text

from console.audit import AuditFilters, AuditRow, read_audit
from console.commands.options import JsonOption, SinceOption, UntilOption, moment_of
from console.context import open_context
from console.fulfillments.values import DEFAULT_LIMIT, MAX_LIMIT
from console.moments import say_moment
from shared.database import reading

app = typer.Typer()


@app.command("audit")
def audit(  # noqa: PLR0913 - one option each
    *,
    who: Annotated[
        str | None, typer.Option("--who", help="ada@workstation, ada on any machine, token:name.")
    ] = None,
    action: Annotated[
        str | None, typer.Option("--action", help="retry, mappings.set, or all of mappings.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option("--subject", help="The id it was about: sub_1, price_1.")
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=MAX_LIMIT, help="Rows at the most.")
    ] = DEFAULT_LIMIT,
    cursor: Annotated[
        int | None, typer.Option("--cursor", help="Only deeds older than this number.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show who changed what, by command or over HTTP. With --json: one object a line.

    Examples:

      fulfill audit --since 7d

      fulfill audit --subject sub_1 --json
    """
    with open_context(json=json) as context:
        now = context.clock.now()
        filters = AuditFilters(
            who=who,
            action=action,
            subject=subject,
            since=moment_of(since, now=now, option="--since"),
            until=moment_of(until, now=now, option="--until"),
        )
        with reading(context.engine) as connection:
            page = read_audit(connection, filters, before=cursor, limit=limit)
        if json:
            for row in page.rows:
                typer.echo(jsonlib.dumps(row.as_json(), ensure_ascii=False))
            return
        if page.rows:
            context.show(audit_page(page.rows))
        else:
            context.note("Nobody did anything that fits.")
        if page.next_cursor is not None:
            context.note(f"There are older ones: add --cursor {page.next_cursor}")


def audit_page(rows: Sequence[AuditRow]) -> Text:
    """A line for each: when, who, what, about what, and the details."""
    lines = []
    for row in rows:
        line = Text.assemble(f"{say_moment(row.at)}  ", (row.deed.who, "bold"))
        line.append(f"  {row.deed.action}", "cyan")
        line.append(f"  {row.deed.subject}" if row.deed.subject else "")
        line.append(f"  {_said(row.deed.detail)}", "dim")
        lines.append(line)
    return Text("\n").join(lines)


def _said(detail: Mapping[str, object]) -> str:
    facts = ((name, value) for name, value in detail.items() if value not in (None, "", [], {}))
    return ", ".join(f"{name} {_plain(value)}" for name, value in facts)


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value
    return jsonlib.dumps(value, ensure_ascii=False, default=str)
