"""What a sweep found, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from console.moments import say_moment
from worker.sweep.requests import Sweep

if TYPE_CHECKING:
    from console.sweeping import EventRound


def events_page(found: EventRound) -> Text:
    """A line for each account: what was looked at, what was new, how far it is swept."""
    lines = []
    for look in found.looks:
        name = look.account.account or "your own account"
        mode = "live" if look.account.livemode else "test"
        lines.append(Text.assemble((name, "bold"), f" ({mode})"))
        if look.found is None:
            lines.append(Text(f"  {look.error}", "red"))
            continue
        one = look.found
        new = (
            f"{_lacked(one.never_delivered)} never delivered" if one.never_delivered else "none new"
        )
        lines.append(Text(f"  {_count(one.looked_at, 'event')} looked at, {new}"))
        lines.append(Text(f"  {_count(one.raised, 'sale')} due by them"))
        lines.append(Text(f"  swept until {say_moment(one.until)} UTC"))
        if one.lost_since is not None:
            lines.append(_lost(say_moment(one.lost_since)))
    lines.append(Text(f"{_count(found.due, 'sale')} due now."))
    return Text("\n").join(lines)


def _lost(since: str) -> Text:
    words = (
        f"  Events from {since} on are listed no more, so a sweep over the objects was asked for"
    )
    return Text(words, "yellow")


def report_page(sweep: Sweep) -> Text:
    """The plans that there are, the counts, and what was or would be done."""
    report: Mapping[str, Any] = sweep.report or {}
    return Text("\n").join([*_plans(report), *_counts(sweep, report), *_end(sweep, report)])


def _plans(report: Mapping[str, Any]) -> Iterator[Text]:
    for plan in report["plans"]:
        yield Text(plan["sale"], "bold")
        for step in plan["steps"]:
            yield Text.assemble(("  + ", "green"), step)
        for problem in plan["problems"]:
            yield Text(f"  ! {problem['message']}", "yellow")
    if report["plans_left_out"]:
        left = _count(report["plans_left_out"], "more plan")
        yield Text(f'{left} not shown here; "fulfill plan" shows any one', "dim")


def _counts(sweep: Sweep, report: Mapping[str, Any]) -> Iterator[Text]:
    read = sum(one["read"] for one in sweep.progress.values())
    since = sweep.wish.since
    window = "everything" if since is None else f"what changed since {say_moment(since)} UTC"
    yield Text(f"Sweep {sweep.id} over {window}: {_count(read, 'object')} read")
    yield Text(f"  {_count(report['sales'], 'sale')}, of which {report['at_rest']} at rest")
    yield Text(f"  {report['with_steps']} to change: {_listed(report['changes'])}")
    yield Text(f"  {report['with_problems']} with problems: {_listed(report['problems'])}")
    for name, reason in report["unread"].items():
        yield Text(f"  {name} could not be read: {reason}", "red")


def _end(sweep: Sweep, report: Mapping[str, Any]) -> Iterator[Text]:
    if sweep.wish.dry_run and report["guard"]:
        yield Text(f"The guard would refuse this: {report['guard']}", "red")
    if sweep.wish.dry_run or sweep.state == "refused":
        yield Text("Nothing was changed.")
    elif report["raised"]:
        yield Text(f"{_count(report['raised'], 'sale')} due now; workers bring them to rest.")
    else:
        yield Text("Nothing to do.")


def _listed(counts: Mapping[str, int]) -> str:
    told = [f"{number} {name.replace('-', ' ')}" for name, number in counts.items()]
    return ", ".join(told) or "none"


def _lacked(number: int) -> str:
    return "1 was" if number == 1 else f"{number} were"


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"
