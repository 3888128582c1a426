"""Every event in the handbook, of every version, from the first years to thin events."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Engine

from shared.events.parsing import Served, read_delivery
from tests.integration.receiver.conftest import Deliver, event_rows

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def indexed_events(handbook: Path) -> Iterator[tuple[dict[str, str], bytes]]:
    folder = handbook / "fixtures" / "stripe-events"
    with (folder / "INDEX.tsv").open() as index:
        for row in csv.DictReader(index, delimiter="\t"):
            if row["kind"] in ("event", "v2_event"):
                yield row, (folder / row["path"]).read_bytes()


def own_object(body: dict[str, Any]) -> str | None:
    found = (body.get("data") or {}).get("object") or body.get("related_object") or {}
    return found.get("id") if isinstance(found.get("id"), str) else None


def test_every_event_of_every_version_is_accepted_and_led_to_its_object(
    deliver: Deliver, engine: Engine, handbook: Path
) -> None:
    """All are answered 200; an id that comes twice is one row; each row names its object."""
    bodies = [body for _, body in indexed_events(handbook)]

    answers = deliver(*bodies)

    assert len(bodies) == 530
    assert {answer.status_code for answer in answers} == {200}
    rows = event_rows(engine)
    assert {row["event_id"] for row in rows} == {json.loads(body)["id"] for body in bodies}
    assert all(row["object_id"] == own_object(json.loads(row["payload"])) for row in rows)
    assert all((row["sale_id"] is not None) == (row["state"] == "recorded") for row in rows)


def test_every_event_about_a_subscription_leads_to_it(handbook: Path) -> None:
    """The index tells the subscription by hand; whatever we listen to must lead there."""
    led = [
        (read_delivery(body, secret=0, served=Served(), now=NOW), row["subscription_id"])
        for row, body in indexed_events(handbook)
        if row["subscription_id"]
    ]

    recorded = [(delivery.key, wanted) for delivery, wanted in led if delivery.key]
    assert len(recorded) > 30
    # a customer may have several: its event names none of them
    other = [(key, wanted) for key, wanted in recorded if key.id != wanted]
    assert [one for one in other if one[0].kind != "customer"] == []


def test_every_event_about_money_that_went_back_leads_to_its_payment(handbook: Path) -> None:
    """By the payment intent, or by the charge where the version knew no other."""
    led = [
        read_delivery(body, secret=0, served=Served(), now=NOW)
        for row, body in indexed_events(handbook)
        if row["type"].startswith(("charge.refund", "charge.dispute.", "refund."))
    ]

    assert len(led) > 30
    assert {delivery.key.kind if delivery.key else None for delivery in led} == {
        "payment_intent",
        "charge",
    }
