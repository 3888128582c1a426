"""`fulfill sweep`: looks for what nobody told us of, at Stripe itself."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from console.commands.options import JsonOption, moment_of
from console.context import CommandError, Context, open_context
from console.moments import FORMS
from console.passes import require_worker_settings
from console.sweep_page import events_page, report_page
from console.sweeping import begin, carry_out, go_on, sweep_events
from console.sweeps import person, refused
from shared import logs
from worker.sweep.requests import Sweep, SweepWish

app = typer.Typer()


@app.command("sweep")
def sweep(  # noqa: PLR0913 - one option each
    *,
    since: Annotated[
        str | None,
        typer.Option("--since", help=f"All objects made or changed since then (UTC): {FORMS}."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All objects there are: for a first import.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count, show the plans, and change nothing.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Pass the guard. See the plans first.")
    ] = False,
    resume: Annotated[
        int | None, typer.Option("--resume", metavar="NUMBER", help="Go on with this sweep.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Find what nobody told us of, at Stripe itself, and make it due for the workers.

    Without options: what the scheduler does by itself, here and now. Events that never arrived are
    fetched, of 30 days at most, and sales that are due are taken up.

    With --since or --all: every subscription, checkout session, invoice, payment, refund and
    dispute is read, for gaps longer than that and for a first import. May take long; Ctrl-C is
    safe, and --resume goes on. It shares one budget of requests with the workers and has half.

    Examples:

      fulfill sweep

      fulfill sweep --all --dry-run

      fulfill sweep --since 90d

      fulfill sweep --resume 7
    """
    _check_choice([bool(since), everything, resume is not None], dry_run, force)
    with open_context(json=json) as context:
        logs.configure(context.settings.log_format, level=logging.WARNING)
        require_worker_settings(json=json)
        moment = moment_of(since, now=context.clock.now(), option="--since")
        if resume is not None:
            _tell(context, go_on(context, resume, force=force))
        elif moment is not None or everything:
            _tell(context, begin(context, SweepWish(moment, dry_run, force, person())))
        else:
            _tell_events(context)


def _check_choice(chosen: list[bool], dry_run: bool, force: bool) -> None:
    """`chosen`: --since, --all, --resume. What does not fit together ends with status 2."""
    if sum(chosen) > 1:
        raise typer.BadParameter("give one of --since, --all and --resume")
    if (dry_run or force) and not any(chosen):
        raise typer.BadParameter("--dry-run and --force are for --since, --all and --resume")
    if dry_run and chosen[-1]:
        raise typer.BadParameter("a sweep that goes on is what it was begun as")


def _tell_events(context: Context) -> None:
    found = sweep_events(context)
    context.answer(found.as_json(), lambda: events_page(found))
    if found.failed:
        raise _unread(found.failed)


def _tell(context: Context, begun: Sweep) -> None:
    ended = carry_out(context, begun)
    if ended.state != "refused" or not context.json:
        context.answer(ended.as_json(), lambda: report_page(ended))
    if ended.state == "refused":
        raise _refused(ended)


def _refused(ended: Sweep) -> CommandError:
    danger = str((ended.report or {}).get("guard"))
    return refused(danger, todo=f'"fulfill sweep --resume {ended.id}" looks once more, and')


def _unread(names: list[str]) -> CommandError:
    return CommandError(
        f"The events of {', '.join(names)} could not be read.",
        means="Sales of theirs whose events never arrived wait; those that arrived do not.",
        todo="Mend what the lines above name, then run this again.",
        heals="The scheduler tries again every five minutes.",
    )
