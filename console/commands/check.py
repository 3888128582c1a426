"""`fulfill check`: what is fine, and what to do about what is not. The looks: `console.doctor`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from console.commands.check_fix import fix as fix_endpoint
from console.commands.options import JsonOption
from console.context import FAULT, open_context, read_environment
from console.doctor import Finding, House, examine
from console.looks import status_text

app = typer.Typer()

FixOption = Annotated[
    bool, typer.Option("--fix", help="Register or mend the webhook endpoint in Stripe first.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="With --fix: do it without asking.")]


@app.command("check")
def check(*, fix: FixOption = False, yes: YesOption = False, json: JsonOption = False) -> None:
    """Look at all that a sale meets on its way, from Stripe's endpoint to the buyer's key.

    Exit status 1 when something fails; a warning alone is no fault. Changes nothing without --fix,
    which says what it will do in Stripe and asks.

    Examples:

      fulfill check

      fulfill check --json

      fulfill check --fix
    """
    if fix:
        with open_context(json=json) as context:
            fix_endpoint(context, sure=yes)
    # opened anew: a new endpoint's secret is in .env now
    with open_context(json=json, migrated=False) as context:
        house = House(context.settings, context.engine, read_environment(), context.clock)
        found = examine(house)
        context.answer([one.as_json() for one in found], lambda: check_table(found))
    if any(one.status == "fail" for one in found):
        raise typer.Exit(FAULT)


def check_table(found: Sequence[Finding]) -> Table:
    """One line a look, by what it looks at; what to do stands under it."""
    table = Table.grid(padding=(0, 2))
    for group, findings in groupby(found, key=lambda one: one.group):
        table.add_row(Text(group, "dim"))
        for one in findings:
            told = Text(one.told)
            if one.todo:
                told.append(f"\n{one.todo}", "dim")
            table.add_row(status_text(one.status), Text(one.name, "bold"), told)
    return table
