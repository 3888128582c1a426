"""What the demo prints at its end: the final table, the verdict. Each sale's way is in `ways`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from console.demo.acts import Sales
from console.demo.harvest import Harvest
from console.demo.licensekit_side import Record
from console.demo.lives import Life
from console.demo.verdict import Ended
from console.demo.words import end_of, readable
from console.looks import status_text
from console.story.values import Delivered, Passed, Story

WIDTHS = (14, 14, 14, 12)  # characters of record, id, what and status, the same for each sale


def final_tables(harvest: Harvest) -> RenderableType:
    """Every license, order and subscription, sale by sale."""
    tables = [
        line
        for title, ended in harvest.ended.items()
        for line in (Text(title), *_rows(ended, harvest.names))
    ]
    head = ("record", "id", "of", "status")
    return Group(
        Text("What stands in LicenseKit at the end", "bold"),
        Text("  " + "".join(map(str.ljust, head, WIDTHS)) + "until", "dim"),
        *tables,
        *(_taken_back(one) for one in harvest.taken_back),
    )


def _taken_back(one: Record) -> Text:
    told = f"{readable(one['id'], {})} was revoked: its worker was killed before it kept the key"
    return Text(told, "dim")


def _rows(ended: Ended, names: Mapping[str, str]) -> Iterator[Text]:
    for one in ended.licenses:
        until = end_of(one) or "no end"
        yield _row("license", one, names.get(one.get("policy_id", ""), ""), until)
    for kind, records in (("order", ended.orders), ("subscription", ended.subscriptions)):
        for one in records:
            yield _row(kind, one, names.get(one.get("product_id", ""), ""), end_of(one))


def _row(kind: str, one: Record, name: str, until: str) -> Text:
    first = "".join(map(str.ljust, (kind, readable(one["id"], {}), name), WIDTHS))
    status = status_text(one["status"])
    status.pad_right(WIDTHS[-1] - len(status))
    row = Text(f"  {first}").append_text(status).append(until)
    row.rstrip()
    return row


def verdict_text(harvest: Harvest) -> Text:
    """Kept, or each fault."""
    if harvest.faults:
        return Text("\n".join(f"FAULT  {fault}" for fault in harvest.faults), "bold red")
    kept = ["Nothing was issued twice.", "Sales 3 and 4 ended alike: bad luck made no difference."]
    looks = sum(len(life.moments) for life in harvest.lives.values())
    if looks:
        kept.append(f"Sales 5 to 8: at each of {looks} moments the buyer held what was paid for.")
    return Text("\n".join(kept), "bold green")


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
    passes = [one.row for one in story.told if isinstance(one, Passed)]
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
        "orders": [{"id": one["id"], "status": one["status"]} for one in ended.orders],
        "subscriptions": [
            {"id": one["id"], "status": one["status"]} for one in ended.subscriptions
        ],
        "moments": _moments(harvest.lives.get(title)),
    }


def _moments(life: Life | None) -> list[dict[str, Any]]:
    """Of a life that was played day by day; none of the others."""
    return [
        {"day": one.day, "told": one.told, "held": one.held, "ok": one.fault is None}
        for one in (life.moments if life else [])
    ]
