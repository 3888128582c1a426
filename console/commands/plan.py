"""`fulfill plan`: what a pass would do now and why. Reads from both services, changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from console.commands.options import AccountOption, JsonOption, LiveOption
from console.passes import open_passes
from console.plans import danger_of, plan_json, terms_of
from console.resolve import Choice, resolve_one
from console.story.applied import Applied
from shared.database import reading
from worker.closing import Seen
from worker.plan.category import SAID, choose_category
from worker.reconcile import preview

app = typer.Typer()


@app.command("plan")
def plan(
    *,
    name: Annotated[str, typer.Argument(metavar="ID", help="A sale, or any id of it.")],
    account: AccountOption = None,
    live: LiveOption = None,
    json: JsonOption = False,
) -> None:
    """Print what a pass over this sale would do, and why. Changes nothing.

    Examples:

      fulfill plan sub_1

      fulfill plan evt_1 --json
    """
    with open_passes(json=json) as (context, deps):
        choice = Choice(account, live, context.settings)
        with reading(context.engine) as connection:
            key = resolve_one(connection, name.strip(), choice)
        seen = preview(key, deps)
        danger, applied = danger_of(seen, deps), terms_of(seen, deps)
        context.answer(
            plan_json(seen, applied, danger),
            lambda: plan_page(seen, danger, applied),
        )


def plan_page(seen: Seen, danger: str | None, applied: Sequence[Applied] = ()) -> Text:
    """The plan, the terms it follows, and what a person has to do."""
    head, *lines = plan_lines(seen)
    said = SAID.get(choose_category(seen.bought) or "")
    terms = [Text(f"  {line}", "dim") for line in (said, *map(str, applied)) if line]
    lines = [head, *terms, *lines]
    if danger is not None:
        lines.append(Text(f"  The guard would refuse this: {danger}", "red"))
    elif seen.plan.steps:
        lines.append(Text(f"  To do it now: fulfill reconcile {seen.key.id}", "bold"))
    return Text("\n").join(lines)


def plan_lines(seen: Seen) -> list[Text]:
    """What Stripe says, each step with its reason, each problem, and what was left alone."""
    lines = [Text.assemble((str(seen.key), "bold"), f"  {seen.bought.reason}")]
    for step in seen.plan.steps:
        lines.append(Text.assemble(("  + ", "green"), str(step)))
        lines.append(Text(f"      because {step.why}", "dim"))
    lines += [Text(f"  ! {problem.message}", "yellow") for problem in seen.plan.problems]
    notes = [note for note in seen.plan.notes if note != seen.bought.reason]
    lines += [Text(f"  {note}", "dim") for note in notes]
    if seen.plan.settled:
        held = ": the licenses are as Stripe asks" if seen.bought.stage == "paid" else ""
        lines.append(Text(f"  Nothing to do{held}.", "green"))
    return lines
