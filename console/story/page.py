"""A story as a page for a terminal: what happened, what stands now, what to do.

Lines are never wrapped here: an id that is broken in two can't be copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, assert_never

from rich.text import Text

from console.app_links import app_link
from console.looks import status_text
from console.moments import say_moment
from console.story.access import judge_access
from console.story.advice import advise
from console.story.applied import Applied
from console.story.bought import bought_lines
from console.story.pruned import say_pruned
from console.story.values import Delivered, Linked, Passed, Ruled, Story, Waiting
from shared.retention import Retention

KEPT = Retention()
LATE_SECONDS = 60  # a delivery that took longer was retried, or its clock is not ours
FETCHED = "fetched by a sweep; never delivered"
SAID = ("stripe_account", "stripe_mode")
UNDER_A_MOMENT = " " * 21  # as wide as "2026-11-21 05:02:55  "
UNDER_AN_ID = " " * 15


def story_page(
    story: Story, *, now: datetime, retention: Retention = KEPT, app_url: str = ""
) -> Text:
    """One sale, in the order in which a person asks. `app_url` is LICENSEKIT_APP_URL."""
    pruned = say_pruned(story, retention, now=now)
    head = [_head(story), _access(story, now), Text()]
    return Text("\n").join(
        [*head, *(Text(line, "dim") for line in pruned), *_lines(story, now, app_url)]
    )


def event_page(event: Delivered) -> Text:
    """An event that belongs to no sale, and why."""
    line = Text.assemble(f"{say_moment(event.received_at)}  ", event.event_id, f"  {event.type}  ")
    line.append_text(status_text(event.state))
    if event.fetched:
        line.append(f"  {FETCHED}", "yellow")
    line.append(f"\n  {event.reason or 'it names no sale'}", "dim")
    return line


def _access(story: Story, now: datetime) -> Text:
    access = judge_access(story, now=now)
    colour = "green" if access.granted else "yellow"
    return Text.assemble(("Access: ", "bold"), (str(access), colour))


def _lines(story: Story, now: datetime, app_url: str) -> Iterator[Text]:
    yield from _timeline(story)
    yield from bought_lines(story.bought)
    if story.terms:
        yield Text("\nSold under", "bold")
        yield from (Text(f"  {one}") for one in story.terms)
    if story.links:
        yield Text("\nIn LicenseKit", "bold")
        for link in story.links:
            yield from _link(link, story)
            if url := app_link(app_url, link.kind, link.licensekit_id):
                yield Text(UNDER_AN_ID + url, "dim")
    if story.problems:
        yield Text("\nProblems", "bold yellow")
        for problem in story.problems:
            yield from _problem(problem)
    yield Text.assemble(("\nNow: ", "bold"), advise(story, now=now))


def _head(story: Story) -> Text:
    status = status_text(story.status) if story.status else Text("not looked at yet", "dim")
    kind = story.key.kind.replace("_", " ")
    head = Text.assemble((f"{kind} ", "bold"), (story.key.id, "bold"), "  ", status)
    head.append(f"  {story.key.mode} mode", "dim")
    if story.key.account:
        head.append(f"  account {story.key.account}", "dim")
    if story.customer_id:
        head.append(f"  customer {story.customer_id}", "dim")
    return head


def _timeline(story: Story) -> Iterator[Text]:
    under: tuple[Applied, ...] = ()
    for one in story.told:
        match one:
            case Delivered():
                yield _delivery(one)
            case Ruled():
                yield _ruling(one)
            case Passed():
                yield from _pass(one)
                # once, and again where they changed: most passes follow the same
                if one.terms and one.terms != under:
                    under = one.terms
                    yield from (_under(f"under {terms}", "dim") for terms in under)
            case _:
                assert_never(one)
    if not story.told:
        yield Text("nothing is written down yet", "dim")


def _delivery(one: Delivered) -> Text:
    what = "event" if one.fetched else "delivery"
    line = Text.assemble(f"{say_moment(one.received_at)}  ", (f"{what}  ", "dim"))
    line.append(f"{one.type}  {one.event_id}")
    if one.fetched:
        line.append(f"  {FETCHED}", "yellow")
    late = (one.received_at - one.created_at).total_seconds()
    if late > LATE_SECONDS:
        line.append(f"  created {say_moment(one.created_at)}", "yellow")
    if one.state != "recorded":
        line.append(f"  {one.state}: {one.reason}", "yellow")
    return line


def _ruling(one: Ruled) -> Text:
    line = Text.assemble(f"{say_moment(one.at)}  ", ("decision  ", "dim"))
    line.append(f"{one.verb} by {one.by}: {one.reason}", "bold")
    return line


def _pass(one: Passed) -> Iterator[Text]:
    row = one.row
    head = Text.assemble(f"{say_moment(row.started_at)}  ", (f"pass #{row.pass_id}  ", "dim"))
    head.append_text(status_text(row.status))
    if not row.steps and not row.problems and not row.error:
        head.append("  nothing to do")
    head.append(f"  by {one.worker}", "dim")
    yield head
    for note in one.notes:
        yield _under(note, "dim")
    for step in row.steps:
        yield Text.assemble(UNDER_A_MOMENT, status_text(step.status), f"  {step.step}")
        yield _under(f"      because {step.why}", "dim")
        if step.error:
            yield _under(f"      {step.error}", "red")
    for problem in row.problems:
        yield _under(str(problem.get("message", problem.get("cause", ""))), "yellow")
    if row.error:
        yield _under(row.error, "red")


def _under(text: str, style: str) -> Text:
    return Text(UNDER_A_MOMENT + text, style)


def _link(link: Linked, story: Story) -> Iterator[Text]:
    """The record, how it stands, and the Stripe objects it came from."""
    made = Text(link.licensekit_id) if link.licensekit_id else Text("being made", "cyan")
    yield Text.assemble(f"  {link.kind:<13}", made, (f"  for {link.stripe_key}", "dim"))
    # what the head of the page says already is left out
    told = {name: v for name, v in link.context.items() if name not in SAID and v != story.key.id}
    yield from (Text(UNDER_AN_ID + line) for line in _facts(link.written))
    yield from (Text(UNDER_AN_ID + line, "dim") for line in _facts(told))


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
        f"{name} {_said(value)}"
        for name, value in facts.items()
        if value not in (None, "", {}) and not isinstance(value, list)
    ]
    return [*([", ".join(plain)] if plain else []), *nested]


def _said(value: object) -> str:
    """A plain value; of several named ones, such as features with their limits, each."""
    if not isinstance(value, Mapping):
        return str(value)
    return " ".join(name if limit is None else f"{name} {limit}" for name, limit in value.items())


def _problem(problem: Waiting) -> Iterator[Text]:
    place = f" ({problem.line_id})" if problem.line_id else ""
    since = f", since {say_moment(problem.opened_at)}"
    yield Text.assemble(f"  {problem.cause} {problem.subject}{place}", (since, "dim"))
    yield Text(f"  {problem.message}")
    if problem.command:
        yield Text.assemble("  To release it: ", (problem.command, "bold"))
