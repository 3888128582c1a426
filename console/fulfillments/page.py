"""The log as a page for a terminal: a few lines a pass, ids whole, so that they can be copied."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from console.fulfillments.values import Fulfillment, Page
from console.looks import status_text
from console.moments import say_moment

INDENT = "      "


def log_page(page: Page) -> Text:
    """Newest first. Never wrapped: a line that is too long is the terminal's to break."""
    return Text("\n").join(line for row in page.rows for line in _lines(row))


def _lines(row: Fulfillment) -> Iterator[Text]:
    head = Text.assemble((f"#{row.pass_id}", "bold"), f"  {say_moment(row.started_at)}  ")
    head.append_text(status_text(row.status))
    head.append(f"  {row.sale.kind.replace('_', ' ')} {row.sale.id}")
    if not row.steps and not row.problems and not row.error:
        head.append("  nothing to do", "dim")
    yield head
    for step in row.steps:
        ended = "" if step.status == "done" else f" ({step.status})"
        yield Text(f"{INDENT}{step.step}{ended}", "" if step.status == "done" else "red")
    for problem in row.problems:
        yield Text(f"{INDENT}{problem.get('message', '')}", "yellow")
    if row.error:
        yield Text(f"{INDENT}{row.error}", "red")
    if row.license_ids:
        yield Text(f"{INDENT}holds {', '.join(row.license_ids)}", "dim")
