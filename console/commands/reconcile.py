"""`fulfill reconcile`: brings sales to rest now, in this program, without Redis and workers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.progress import track
from rich.text import Text

from console.audit import Deed, note
from console.commands.options import AccountOption, JsonOption, LiveOption
from console.context import FAULT, Context
from console.looks import status_text
from console.outcomes import Outcome, bring_to_rest
from console.passes import open_passes
from console.resolve import Choice, resolve
from console.sweeps import person, refuse_sweep
from shared.database import reading, transaction
from shared.keys import SaleKey
from worker.deps import Deps
from worker.plan.guard import FEW_SALES
from worker.reconcile import preview

app = typer.Typer()

AT_REST = ("applied", "settled")


@app.command("reconcile")
def reconcile(
    *,
    names: Annotated[list[str], typer.Argument(metavar="ID…", help="Sales, or any ids of them.")],
    account: AccountOption = None,
    live: LiveOption = None,
    force: Annotated[
        bool, typer.Option("--force", help="Pass the guard. See the plan first.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Bring these sales to rest now. Safe at any time, any number of times.

    A sale that Stripe knows and we don't is fetched: its events need not have come. Exit status 1
    when a sale is not at rest afterwards.

    Examples:

      fulfill reconcile sub_1

      fulfill reconcile cs_1 cs_2 --json
    """
    with open_passes(json=json) as (context, deps):
        choice = Choice(account, live, context.settings)
        with reading(context.engine) as connection:
            keys = [key for name in names for key in resolve(connection, name.strip(), choice)]
        wanted = list(dict.fromkeys(keys))
        forced_by = person() if force else ""
        _refuse_if_unsafe(wanted, deps, forced_by)
        outcomes = list(_each(context, wanted, deps, forced_by))
        context.answer([one.as_json() for one in outcomes], lambda: outcome_page(outcomes))
    if any(one.status not in AT_REST for one in outcomes):
        raise typer.Exit(FAULT)


def _refuse_if_unsafe(keys: Sequence[SaleKey], deps: Deps, forced_by: str) -> None:
    """Many sales at once are a sweep: their plans together must not take away too much."""
    if forced_by or len(keys) < FEW_SALES:
        return
    refuse_sweep([preview(key, deps).plan for key in keys], deps.limits)


def _each(
    context: Context, keys: Sequence[SaleKey], deps: Deps, forced_by: str
) -> Iterator[Outcome]:
    """Each is noted as asked for before it begins: a crash must not hide who did it."""
    many = len(keys) > 1 and not context.json
    shown = track(keys, "Reconciling", console=context.err, disable=not many)
    for key in shown:
        deed = Deed(person(), "reconcile", key.id, {"sale": str(key), "forced": bool(forced_by)})
        with transaction(context.engine) as tx:
            note(tx, deed, now=context.clock.now())
        yield bring_to_rest(key, deps, forced_by)


def outcome_page(outcomes: Sequence[Outcome]) -> Text:
    """Each sale with its status, what was done and what is wrong."""
    lines = []
    for one in outcomes:
        lines.append(Text.assemble((one.key.id, "bold"), "  ", status_text(one.status)))
        lines += [Text(f"  {step}") for step in one.steps]
        if one.error:
            lines.append(Text(f"  {one.error}", "yellow"))
    return Text("\n").join(lines)
