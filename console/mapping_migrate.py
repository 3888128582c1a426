"""`fulfill mappings migrate`: sales that were sold under one version of a mapping go on under
another. The plan of each is shown first; what a move is stands in `mapping_moves`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.progress import track
from rich.text import Text

from console.commands.plan import plan_lines
from console.commands.reconcile import AT_REST, outcome_page
from console.context import FAULT, Context
from console.mapping_moves import (
    Move,
    Versions,
    carry_out,
    count_changes,
    find_sold,
    find_versions,
    look_at,
)
from console.mapping_options import JsonOption
from console.mapping_tables import count_of
from console.outcomes import Outcome
from console.passes import open_passes
from console.sweeps import find_dangers, person, refused
from worker.deps import Deps

app = typer.Typer()


@app.command("migrate")
def migrate(
    *,
    old: Annotated[int, typer.Option("--from", metavar="VERSION", help="Where the sales are.")],
    new: Annotated[int, typer.Option("--to", metavar="VERSION", help="Where they are to go.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show each plan and change nothing.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Pass the guard. See the plans first.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Let the sales of one version of a mapping go on under another version.

    A sale keeps the terms it was made under until this command moves it. The plan of each sale is
    shown first. May be run again: a sale that was moved is not found any more. Exit status 1 when
    a sale was not moved, or is not at rest afterwards.

    Examples:

      fulfill mappings list --all

      fulfill mappings migrate --from 1 --to 2 --dry-run

      fulfill mappings migrate --from 1 --to 2
    """
    with open_passes(json=json) as (context, deps):
        versions = find_versions(old, new, deps)
        moves = _look_at_all(context, versions, deps)
        dangers = find_dangers(_plans(moves), deps.limits)
        told = _told(versions, moves, dangers)
        if not json:
            context.show(plans_page(moves, dangers))
        if dry_run:
            context.answer({**told, "dry_run": True, "outcomes": []}, lambda: end_text(moves))
            return
        if dangers and not force:
            raise refused(f"{'; '.join(dangers)}.", todo="Look at the plans with --dry-run.")
        outcomes = _carry_out_all(context, moves, versions, (deps, force))
        rows = [one.as_json() for one in outcomes]
        context.answer({**told, "dry_run": False, "outcomes": rows}, lambda: moved_page(outcomes))
    if any(one.status not in AT_REST for one in outcomes):
        raise typer.Exit(FAULT)


def _look_at_all(context: Context, versions: Versions, deps: Deps) -> list[Move]:
    found = find_sold(versions, deps)
    bar = track(found, "Looking", console=context.err, disable=context.json or len(found) < 2)
    return [look_at(sold, versions, deps) for sold in bar]


def _carry_out_all(
    context: Context, moves: Sequence[Move], versions: Versions, by: tuple[Deps, bool]
) -> list[Outcome]:
    deps, forced = by
    bar = track(moves, "Moving", console=context.err, disable=context.json or len(moves) < 2)
    return [carry_out(move, versions, deps, who=person(), forced=forced) for move in bar]


def _plans(moves: Sequence[Move]) -> list[tuple[str, Any]]:
    """Of the sales that would be moved."""
    return [(m.sold.key.id, m.seen.plan) for m in moves if not m.hindrance]


def _told(versions: Versions, moves: Sequence[Move], dangers: Sequence[str]) -> dict[str, Any]:
    return {
        "from": versions.old.version,
        "to": versions.new.version,
        "changes": count_changes(moves),
        "sales": [move.as_json() for move in moves],
        "guard": list(dangers),
    }


def plans_page(moves: Sequence[Move], dangers: Sequence[str]) -> Text:
    """The plan of each sale, how many steps of each kind, and what the guard says."""
    lines: list[Text] = []
    for move in moves:
        lines += plan_lines(move.seen)
        if move.hindrance:
            lines.append(Text("  It keeps its terms until this is mended.", "yellow"))
    counts = [f"{number} {kind.replace('-', ' ')}" for kind, number in count_changes(moves).items()]
    lines.append(Text(f"{count_of(len(moves), 'sale')}: {', '.join(counts) or 'no change'}"))
    lines += [Text(f"The guard would refuse this: {danger}", "red") for danger in dangers]
    return Text("\n").join(lines)


def end_text(moves: Sequence[Move]) -> str:
    return "Nothing was changed." if moves else "Nothing to move."


def moved_page(outcomes: Sequence[Outcome]) -> Text:
    if not outcomes:
        return Text("Nothing to move.")
    moved = sum(one.pass_id is not None for one in outcomes)
    return Text("\n").join(
        [outcome_page(outcomes), Text(f"{count_of(moved, 'sale')} moved, {len(outcomes)} found")]
    )
