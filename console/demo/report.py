"""What the demo prints: each sale's way, the final table, the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from console.demo.acts import Sales
from console.demo.harvest import Harvest
from console.demo.licensekit_side import Record
from console.demo.verdict import Ended
from console.looks import status_text
from console.story.values import Delivered, Story

COLUMNS = {"record": 12, "id": 30, "status": 8, "until": 10}  # characters, the same for each sale


def way_page(title: str, story: Story) -> RenderableType:
    """One sale's way from delivery to journal, in time order; repeats of a line are counted."""
    lines: list[Text] = []
    for one in story.told:
        if isinstance(one, Delivered):
            lines.append(Text.assemble("  ", ("delivery  ", "dim"), one.type))
            continue
        row = one.row
        head = Text.assemble("  ", ("pass      ", "dim"), f"{row.pass_id} ")
        lines.append(head.append_text(status_text(row.status)))
        lines += [
            Text.assemble("  ", ("  step    ", "dim"), status_text(step.status), f"  {step.step}")
            for step in row.steps
        ]
        if row.error:
            lines.append(Text(f"            {row.error}", "yellow"))
    return Group(Text(f"{title}  {story.key.id}", "bold"), *lines, Text())


def final_tables(harvest: Harvest) -> RenderableType:
    """Every license, order and subscription, sale by sale."""
    return Group(
        Text("What stands in LicenseKit", "bold"),
        *(_records(title, ended) for title, ended in harvest.ended.items()),
        *(_taken_back(one) for one in harvest.taken_back),
    )


def _taken_back(one: Record) -> Text:
    told = f"{one['id']} was revoked: its worker was killed before it could keep the key"
    return Text(told, "dim")


def _records(title: str, ended: Ended) -> Table:
    table = Table(box=None, title=title, title_justify="left", header_style="dim")
    for name, width in COLUMNS.items():
        table.add_column(name, min_width=width, no_wrap=True)
    rows = [
        *(("license", one, "expires_at") for one in ended.licenses),
        *(("order", one, "period_end") for one in ended.orders),
        *(("subscription", one, "current_period_end") for one in ended.subscriptions),
    ]
    for kind, one, end in rows:
        until = str(one.get(end) or "")[:10] or "no end"
        table.add_row(kind, one["id"], status_text(one["status"]), until)
    return table


def verdict_text(harvest: Harvest) -> Text:
    """Kept, or each fault."""
    if harvest.faults:
        return Text("\n".join(f"FAULT  {fault}" for fault in harvest.faults), "bold red")
    return Text(
        "Nothing was issued twice, and sales 3 and 4 ended alike: bad luck made no difference.",
        "bold green",
    )


def summary(harvest: Harvest, sales: Sales, *, seed: int, seconds: float) -> dict[str, Any]:
    """The same for machines."""
    return {
        "ok": not harvest.faults,
        "faults": list(harvest.faults),
        "seed": seed,
        "seconds": round(seconds, 1),
        "mishaps": sales.mishaps,
        "taken_back": [one["id"] for one in harvest.taken_back],
        "sales": [_sale(title, story, harvest) for title, story in harvest.stories.items()],
    }


def _sale(title: str, story: Story, harvest: Harvest) -> Mapping[str, Any]:
    ended = harvest.ended[title]
    passes = [one.row for one in story.told if not isinstance(one, Delivered)]
    return {
        "title": title,
        "sale": story.key.id,
        "deliveries": sum(isinstance(one, Delivered) for one in story.told),
        "passes": [row.status for row in passes],
        "steps": [step.step for row in passes for step in row.steps if step.status == "done"],
        "licenses": [
            {"id": one["id"], "status": one["status"], "expires_at": one.get("expires_at")}
            for one in ended.licenses
        ],
        "orders": [one["id"] for one in ended.orders],
        "subscriptions": [
            {"id": one["id"], "status": one["status"]} for one in ended.subscriptions
        ],
    }
