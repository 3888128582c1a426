"""`fulfill adopt`: licenses that stand in LicenseKit already are linked to their sales."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.progress import track
from rich.text import Text

from console.adoption.choose import Named, by_ids, by_rows, everything
from console.adoption.looks import Look, carry_out, look_at
from console.adoption.rows import read_rows
from console.commands.options import AccountOption, JsonOption, LiveOption
from console.commands.reconcile import AT_REST, outcome_page
from console.context import FAULT, CommandError, Context
from console.mapping_tables import count_of
from console.outcomes import Outcome
from console.passes import open_passes
from console.resolve import Choice
from console.sweeps import person
from shared.accounts import served_accounts
from shared.database import reading
from worker.deps import Deps

app = typer.Typer()

T = TypeVar("T")
ENDED = (*AT_REST, "blocked")  # what is blocked was linked as far as it goes


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for."""

    names: tuple[str, ...]
    csv: Path | None
    everything: bool
    metadata_key: str
    any_policy: bool

    @property
    def where(self) -> str:
        return "" if self.csv is None else self.csv.name

    def check(self) -> None:
        if sum((bool(self.names), self.everything, self.csv is not None)) != 1:
            raise typer.BadParameter("name sales, or give --all, or --csv FILE: one of the three")


@app.command("adopt")
def adopt(  # noqa: PLR0913 - one option each
    *,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="ID…", help="Sales, or any ids of them.")
    ] = None,
    everything_: Annotated[bool, typer.Option("--all", help="Every sale that Stripe has.")] = False,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Lines of a Stripe id and a license id."),
    ] = None,
    metadata_key: Annotated[
        str,
        typer.Option("--metadata-key", help="Where another tool keeps license ids in Stripe."),
    ] = "",
    any_policy: Annotated[
        bool, typer.Option("--any-policy", help="Of another policy than the mapping's, too.")
    ] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Link. Without it: only show.")] = False,
    account: AccountOption = None,
    live: LiveOption = None,
    json: JsonOption = False,
) -> None:
    """Link licenses that stand in LicenseKit already, instead of having them issued again.

    Shows what would be linked, and changes nothing without --apply. Never issues, changes or
    revokes a license: the pass that follows does what the sale asks for, and is shown too. Every
    pass adopts what our own ids in Stripe's metadata lead to; this command also looks through
    LicenseKit's newest 200 orders and subscriptions, and takes your word for what it can't know.

    Examples:

      fulfill adopt sub_1

      fulfill adopt --csv licenses.csv

      fulfill adopt --csv licenses.csv --apply

      fulfill adopt --all --metadata-key acme_license --apply
    """
    wanted = Wanted(tuple(names or ()), csv, everything_, metadata_key.strip(), any_policy)
    wanted.check()
    with open_passes(json=json) as (context, deps):
        choice = Choice(account, live, context.settings)
        looks = _look(context, deps, wanted, choice)
        outcomes: list[Outcome] = []
        if apply:
            some = [look for look in looks if look.adoptions]
            outcomes = [carry_out(one, deps, by=person()) for one in _bar(context, some, "Linking")]
        told: dict[str, Any] = {"dry_run": not apply, "sales": [one.as_json() for one in looks]}
        told["outcomes"] = [one.as_json() for one in outcomes]
        context.answer(told, lambda: outcome_page(outcomes) if apply else end_text(looks))
    if any(one.status not in ENDED for one in outcomes):
        raise typer.Exit(FAULT)


def _look(context: Context, deps: Deps, wanted: Wanted, choice: Choice) -> list[Look]:
    """What would be linked, shown. Raises CommandError with all faults of a file at once."""
    named, faults = _choose(context, deps, wanted, choice)
    looks = [
        look_at(
            one, one.search(wanted.where, wanted.metadata_key, any_policy=wanted.any_policy), deps
        )
        for one in _bar(context, named, "Looking")
    ]
    faults += [fault for look in looks for fault in look.faults()]
    if wanted.everything:
        looks = [look for look in looks if look.adoptions or look.seen.held.unclear]
    if not context.json:
        context.show(looks_page(looks))
    if faults:
        raise _faulty(faults, wanted.where)
    return looks


def _choose(
    context: Context, deps: Deps, wanted: Wanted, choice: Choice
) -> tuple[list[Named], list[str]]:
    if wanted.csv is not None:
        rows, faults = read_rows(wanted.csv)
        named, more = by_rows(list(_bar(context, rows, "Reading")), choice, deps)
        return named, [*faults, *more]
    if not wanted.everything:
        return by_ids(wanted.names, choice, deps), []
    with reading(context.engine) as connection:
        accounts = served_accounts(connection, context.settings)
    narrowed = [one for one in accounts if choice.account in (None, one.account)]
    return list(everything(narrowed, deps)), []


def _bar(context: Context, some: Sequence[T], doing: str) -> Iterable[T]:
    quiet = context.json or len(some) < 2
    return track(some, doing, console=context.err, disable=quiet)


def looks_page(looks: Sequence[Look]) -> Text:
    """Each sale: what is linked, how it was found, what is left and why, and what comes after."""
    lines: list[Text] = []
    for look in looks:
        plan = look.seen.plan
        lines.append(Text.assemble((str(look.seen.key), "bold"), f"  {look.seen.bought.reason}"))
        lines += [Text.assemble(("  + ", "green"), str(step)) for step in look.adoptions]
        lines += [Text(f"  ! {problem.message}", "yellow") for problem in plan.problems]
        lines += [Text(f"  {one} is left: {why}", "dim") for one, why in plan.left.items()]
        lines += [Text(f"  then a pass would: {step}", "dim") for step in look.rest]
        if not look.adoptions:
            lines.append(Text("  Nothing to link.", "dim"))
    return Text("\n").join(lines)


def end_text(looks: Sequence[Look]) -> str:
    count = sum(len(look.adoptions) for look in looks)
    if not count:
        return "Nothing to link."
    sales = count_of(sum(bool(look.adoptions) for look in looks), "sale")
    records = count_of(count, "record")
    return f"{records} of {sales} would be linked. Nothing was changed: --apply links."


def _faulty(faults: Sequence[str], where: str) -> CommandError:
    return CommandError(
        f"{count_of(len(faults), 'fault')} in {where}: {'; '.join(faults)}.",
        means="Nothing was linked, and every buyer keeps what stands.",
        todo="Mend or take out these lines, then run the command again.",
        heals="It does not heal by itself.",
    )
