"""The way of each sale as the demo prints it: deliveries, passes, steps, and for lives the days."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from console.demo.lives import Life
from console.demo.words import readable
from console.fulfillments.values import StepRow
from console.looks import status_text
from console.story.values import Delivered, Passed, Story, Told

WRITE_BACK = re.compile(r"write ids to (.+) \S+")
LABEL = 14  # characters of "    delivery" or "    pass 123" and a gap


def way_page(
    title: str, story: Story, names: Mapping[str, str], life: Life | None = None
) -> RenderableType:
    """One sale's way in time order. Of a life, day by day, with what the buyer held then."""
    head = Text.assemble((title, "bold"), f"  {readable(story.key.id, {})}")
    if life is None:
        return Group(head, *_way(story.told, names), Text())
    return Group(head, *_days(life, story, names), Text())


def _days(life: Life, story: Story, names: Mapping[str, str]) -> Iterator[RenderableType]:
    for moment, told in zip(life.moments, _by_moment(life, story), strict=True):
        yield Text(f"  day {moment.day}: {moment.told}", "cyan")
        yield from _way(told, names)
        yield _line("holds", Text(moment.verdict, "bold red" if moment.fault else "green"))


def _by_moment(life: Life, story: Story) -> list[list[Told]]:
    """What came after a moment began and before the next one did."""
    found: list[list[Told]] = [[] for _ in life.moments]
    for one in story.told:
        begun = sum(moment.began_at <= one.at for moment in life.moments)
        found[max(begun, 1) - 1].append(one)
    return found


def _way(told: Sequence[Told], names: Mapping[str, str]) -> Iterator[Table]:
    for delivered, some in groupby(told, key=lambda one: isinstance(one, Delivered)):
        ones = list(some)
        if delivered:
            types = dict.fromkeys(one.type for one in ones if isinstance(one, Delivered))
            yield _line("delivery", Text(", ".join(types)))
        for one in ones:
            if isinstance(one, Passed):
                yield from _pass(one, names)


def _pass(one: Passed, names: Mapping[str, str]) -> Iterator[Table]:
    nothing = ": nothing left to do" if one.row.status == "settled" else ""
    yield _line(f"pass {one.row.pass_id}", status_text(one.row.status).append(nothing))
    for step in _merged(one.row.steps):
        yield _line("", _step(step, names))
    if one.row.error:
        yield _line("", Text(one.row.error, "yellow"))


def _step(step: StepRow, names: Mapping[str, str]) -> Text:
    """Only a step that is not done says how far it came."""
    told = readable(step.step, names)
    if step.status == "done":
        return Text(told)
    return status_text(step.status).append(f": {told}", "default")


def _merged(steps: Sequence[StepRow]) -> Iterator[StepRow]:
    """Ids written back to several objects are one line."""
    for written, some in groupby(steps, key=lambda one: one.status if _target(one) else ""):
        ones = list(some)
        if not written:
            yield from ones
            continue
        targets = ", ".join(dict.fromkeys(_target(one) for one in ones))
        yield StepRow(f"write ids to {targets}", ones[0].key, written, None, ones[0].why)


def _target(step: StepRow) -> str:
    """ "invoice" of "write ids to invoice in_1"; "" for any other step."""
    found = WRITE_BACK.fullmatch(step.step)
    return found[1] if found else ""


def _line(label: str, text: Text) -> Table:
    """What does not fit on the line goes on below itself."""
    line = Table.grid()
    line.add_column(min_width=LABEL, no_wrap=True)
    line.add_column(overflow="fold")
    line.add_row(Text(f"    {label}", "dim"), text)
    return line
