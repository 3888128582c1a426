"""A story as a page for a terminal: what happened, what stands now, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from console.looks import status_text
from console.moments import say_moment
from console.story.advice import advise
from console.story.values import Delivered, Linked, Passed, Story, Waiting

LATE_SECONDS = 60  # a delivery that took longer was retried, or its clock is not ours
SAID = ("stripe_account", "stripe_mode")
DEEPER = (0, 0, 0, 15)  # under a record's id


def story_page(story: Story, *, now: datetime) -> RenderableType:
    """One sale, in the order in which a person asks."""
    parts: list[RenderableType] = [_head(story), Text()]
    parts += [_timeline(story), Text()]
    if story.links:
        records = [_link(link, story) for link in story.links]
        parts += [Text("In LicenseKit", "bold"), *records, Text()]
    if story.problems:
        parts += [Text("Problems", "bold yellow"), *map(_problem, story.problems), Text()]
    parts.append(Text.assemble(("Now: ", "bold"), advise(story, now=now)))
    return Panel(Group(*parts), title=Text(str(story.key)), title_align="left")


def event_page(event: Delivered) -> RenderableType:
    """An event that belongs to no sale, and why."""
    line = Text.assemble(f"{say_moment(event.received_at)}  ", event.event_id, f"  {event.type}  ")
    line.append_text(status_text(event.state))
    return Group(line, Text(f"  {event.reason or 'it names no sale'}", "dim"))


def _head(story: Story) -> Text:
    status = status_text(story.status) if story.status else Text("not looked at yet", "dim")
    head = Text.assemble((f"{story.key.kind} ", "bold"), (story.key.id, "bold"), "  ", status)
    head.append(f"  {story.key.mode} mode", "dim")
    if story.customer_id:
        head.append(f"  customer {story.customer_id}", "dim")
    return head


def _timeline(story: Story) -> Table:
    table = Table.grid(padding=(0, 2))
    for one in story.told:
        if isinstance(one, Delivered):
            table.add_row(say_moment(one.received_at), Text("delivery", "dim"), _delivery(one))
        else:
            table.add_row(say_moment(one.row.started_at), Text("pass", "dim"), _pass(one))
    if not story.told:
        table.add_row("", "", Text("nothing is written down yet", "dim"))
    return table


def _delivery(one: Delivered) -> Text:
    line = Text(f"{one.type}  {one.event_id}")
    late = (one.received_at - one.created_at).total_seconds()
    if late > LATE_SECONDS:
        line.append(f"  created {say_moment(one.created_at)}", "yellow")
    if one.state != "recorded":
        line.append(f"  {one.state}: {one.reason}", "yellow")
    return line


def _pass(one: Passed) -> Text:
    row = one.row
    lines = [Text.assemble(f"number {row.pass_id}  ", status_text(row.status))]
    lines[0].append(f"  by {one.worker}", "dim")
    for step in row.steps:
        lines.append(Text.assemble("  ", status_text(step.status), f"  {step.step}"))
        lines.append(Text(f"    because {step.why}", "dim"))
        if step.error:
            lines.append(Text(f"    {step.error}", "red"))
    lines += [Text(f"  {note}", "dim") for note in one.notes]
    lines += [Text(f"  {p.get('message', p.get('cause', ''))}", "yellow") for p in row.problems]
    if row.error:
        lines.append(Text(f"  {row.error}", "red"))
    if not row.steps and not row.problems and not row.error:
        lines[0].append("  nothing to do", "dim")
    return Text("\n").join(lines)


def _link(link: Linked, story: Story) -> RenderableType:
    """The record, how it stands, and the Stripe objects it came from."""
    made = Text(link.licensekit_id) if link.licensekit_id else Text("being made", "cyan")
    head = Text.assemble(f"  {link.kind:<13}", made, (f"  for {link.stripe_key}", "dim"))
    # what the head of the page says already is left out
    told = {name: v for name, v in link.context.items() if name not in SAID and v != story.key.id}
    written = [Text(line) for line in _facts(link.written)]
    context = [Text(line, "dim") for line in _facts(told)]
    return Group(head, *(Padding(line, DEEPER) for line in (*written, *context)))


def _facts(facts: Mapping[str, Any]) -> list[str]:
    """Plain facts on one line; each entry of a list of records on a line of its own."""
    nested = [
        f"{name}: {', '.join(_facts(one))}"
        for name, rows in facts.items()
        if isinstance(rows, list)
        for one in rows
        if isinstance(one, dict)
    ]
    plain = [
        f"{name} {value}"
        for name, value in facts.items()
        if value not in (None, "") and not isinstance(value, list)
    ]
    return [*([", ".join(plain)] if plain else []), *nested]


def _problem(problem: Waiting) -> Text:
    place = f" ({problem.line_id})" if problem.line_id else ""
    since = f", since {say_moment(problem.opened_at)}"
    return Text.assemble(
        f"  {problem.cause} {problem.subject}{place}", (since, "dim"), f"\n  {problem.message}"
    )
