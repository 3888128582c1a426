"""`fulfill problems`: what waits for a person, and what releases it. Read in `console.problems`."""

from __future__ import annotations

from typing import Annotated

import typer

from console.commands.options import JsonOption
from console.context import open_context
from console.problems import read_problems
from console.problems.page import problems_page
from shared.database import reading

app = typer.Typer()


@app.command("problems")
def problems(
    *,
    cause: Annotated[
        str | None, typer.Option("--cause", help="Only this cause: unmapped_price, guard, …")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every id, and every sale counted, however many.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Show what waits for a person, by cause, with the one command that releases each.

    What keeps the most money and buyers waiting stands first. Nothing is changed.

    Examples:

      fulfill problems

      fulfill problems --cause unmapped_price --all

      fulfill problems --json
    """
    with open_context(json=json) as context:
        with reading(context.engine) as connection:
            found = read_problems(
                connection,
                context.settings,
                context.clock.now(),
                cause=cause,
                everything=everything,
            )
        context.answer([group.as_json() for group in found], lambda: problems_page(found))
