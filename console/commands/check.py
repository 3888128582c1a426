"""`fulfill check`: what is fine, and what to do about what is not. The looks: `console.doctor`."""

from __future__ import annotations

from collections.abc import Sequence

import typer
from rich.table import Table
from rich.text import Text

from console.commands.options import JsonOption
from console.context import FAULT, open_context, read_environment
from console.doctor import Finding, examine
from console.looks import status_text

app = typer.Typer()


@app.command("check")
def check(*, json: JsonOption = False) -> None:
    """Look at settings, database, queue, Redis, Stripe, LicenseKit, mappings and escrow.

    Exit status 1 when something fails; a warning alone is no fault.

    Example:

      fulfill check
    """
    with open_context(json=json, migrated=False) as context:
        found = examine(
            context.settings, context.engine, read_environment(), now=context.clock.now()
        )
        context.answer([one.as_json() for one in found], lambda: check_table(found))
    if any(one.status == "fail" for one in found):
        raise typer.Exit(FAULT)


def check_table(found: Sequence[Finding]) -> Table:
    """One line a look; what to do stands under it."""
    table = Table.grid(padding=(0, 2))
    for one in found:
        told = Text(one.told)
        if one.todo:
            told.append(f"\n{one.todo}", "dim")
        table.add_row(status_text(one.status), Text(one.name, "bold"), told)
    return table
