"""The problems as a page for a terminal. Lines are never wrapped: ids and commands are copied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from console.moments import say_moment
from console.problems.values import ProblemGroup, Stake
from worker.plan.amounts import say_amount


def problems_page(groups: Sequence[ProblemGroup]) -> Text:
    """What costs most first."""
    if not groups:
        return Text("Nothing waits for a person.", "green")
    return Text("\n\n").join(Text("\n").join(_lines(group)) for group in groups)


def _lines(group: ProblemGroup) -> Iterator[Text]:
    yield Text.assemble((_name(group), "bold yellow"), f"  {_count(group)}")
    yield Text(f"  {group.words.happened}")
    yield Text(f"  Buyers: {group.words.means}")
    if group.says and group.says != group.words.happened:
        yield Text(f"  One says: {group.says}", "dim")
    if group.ids:
        more = "" if _all_shown(group) else "  … see all with --all"
        yield Text.assemble("  ", " ".join(group.ids), (more, "dim"))
    if group.words.first:
        yield Text(f"  First: {group.words.first}")
    yield Text.assemble(
        "  Then: " if group.words.first else "  To do: ", (group.words.command, "bold")
    )


def _name(group: ProblemGroup) -> str:
    where = group.place.account if group.place.account != group.place.subject else ""
    return " ".join(filter(None, (group.place.cause, group.place.subject, where)))


def _all_shown(group: ProblemGroup) -> bool:
    return len(group.ids) >= (group.stake.sales or group.count)


def _count(group: ProblemGroup) -> str:
    """`12 lines: 12 sales of 11 buyers who paid 588.00 EUR, since 2026-11-20 12:00:00`."""
    counted = [] if group.unit == "sale" and group.stake.sales else [_many(group.count, group.unit)]
    waiting = _waiting(group.stake)
    told = ": ".join(filter(None, (*counted, waiting)))
    return f"{told}, since {say_moment(group.since)}" if group.since else told


def _waiting(stake: Stake) -> str:
    if not stake.sales:
        return ""
    least = "at least " if stake.at_least else ""
    paid = " + ".join(say_amount(n, currency) for currency, n in sorted(stake.paid.items()))
    told = f"{least}{_many(stake.sales, 'sale')} of {_many(stake.buyers, 'buyer')}"
    return f"{told} who paid {paid}" if paid else told


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
