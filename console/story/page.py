"""A story as a page for a terminal: what happened, what stands now, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from console.looks import status_text
from console.moments import say_moment
from console.story.advice import advise
from console.story.values import Delivered, Linked, Passed, Story, Waiting


def story_page(story: Story, *, now: datetime) -> RenderableType:
    """One sale, in the order in which a person asks."""
    parts: list[RenderableType] = [_head(story), Text()]
    parts += [_timeline(story), Text()]
    if story.links:
        parts += [Text("In LicenseKit", "bold"), _links(story.links), Text()]
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
    line.append(f"  created {say_moment(one.created_at)}", "dim" if late < 60 else "yellow")
    if one.state != "recorded":
        line.append(f"  {one.state}: {one.reason}", "yellow")
    return line


def _pass(one: Passed) -> Text:
    row = one.row
    lines = [Text.assemble(f"number {row.pass_id}  ", status_text(row.status))]
    lines[0].append(f"  by {one.worker}", "dim")
    for step in row.steps:
        line = Text.assemble("  ", status_text(step.status), f"  {step.step}")
        line.append(f"  because {step.why}", "dim")
        lines.append(line)
        if step.error:
            lines.append(Text(f"    {step.error}", "red"))
    lines += [Text(f"  {note}", "dim") for note in one.notes]
    lines += [Text(f"  {p.get('message', p.get('cause', ''))}", "yellow") for p in row.problems]
    if row.error:
        lines.append(Text(f"  {row.error}", "red"))
    if not row.steps and not row.problems and not row.error:
        lines[0].append("  nothing to do", "dim")
    return Text("\n").join(lines)


def _links(links: Iterable[Linked]) -> Table:
    table = Table.grid(padding=(0, 2))
    for link in links:
        made = Text(link.licensekit_id) if link.licensekit_id else Text("being made", "cyan")
        table.add_row(
            Text(f"  {link.kind}"),
            made,
            Text(f"for {link.stripe_key}", "dim"),
            Text(_facts(link.written)),
            Text(_facts(link.context), "dim"),
        )
    return table


def _facts(facts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items() if value not in (None, ""))


def _problem(problem: Waiting) -> Text:
    place = f" ({problem.line_id})" if problem.line_id else ""
    since = f", since {say_moment(problem.opened_at)}"
    return Text.assemble(
        f"  {problem.cause} {problem.subject}{place}", (since, "dim"), f"\n  {problem.message}"
    )
