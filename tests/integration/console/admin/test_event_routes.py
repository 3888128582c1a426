"""`GET /stripe/admin/events`: the inbox, for programs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.console.admin.conftest import Door
from tests.integration.console.journal import Journal

PATH = "/stripe/admin/events"


def names(door: Door, **query: str) -> list[str]:
    answer = door.client.get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    return [row["event"] for row in answer.json()["data"]]


@pytest.fixture
def filled(door: Door, journal: Journal) -> Door:
    """One event of each sort, a day between each and the next."""
    sale = journal.sale("sub_1")
    rows: list[tuple[str, int | None, dict[str, Any]]] = [
        ("evt_1", sale, {"object_id": "in_1", "payload": b'{"id": "evt_1", "who": "Ada"}'}),
        ("evt_2", None, {"type": "charge.succeeded", "reason": "we don't listen"}),
        ("evt_3", None, {"state": "refused", "reason": "live mode", "livemode": True}),
        ("evt_4", sale, {"type": "charge.refunded", "secret": -1, "account": "acct_1"}),
    ]
    for name, of, columns in rows:
        journal.event(name, of, **columns)
        journal.now += timedelta(days=1)
    return door


def test_an_event_is_told_with_its_sale_and_without_its_payload(filled: Door) -> None:
    """Newest first. What Stripe sent may hold a buyer's address."""
    rows = filled.client.get(PATH).json()["data"]

    assert [row["event"] for row in rows] == ["evt_4", "evt_3", "evt_2", "evt_1"]
    assert rows[-1] == {
        "number": 1, "event": "evt_1", "type": "invoice.paid", "account": "", "livemode": False,
        "api_version": None, "state": "recorded", "reason": None, "object": "in_1",
        "sale": {"account": "", "livemode": False, "kind": "subscription", "id": "sub_1"},
        "delivered": True, "created_at": "2026-11-20T12:00:00.000Z",
        "received_at": "2026-11-20T12:00:00.000Z",
    }  # fmt: skip
    assert (rows[1]["sale"], rows[1]["reason"]) == (None, "live mode")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"type": "charge.refunded"}, ["evt_4"]),
        ({"state": "refused"}, ["evt_3"]),
        ({"state": "ignored"}, ["evt_2"]),
        ({"sale": "sub_1"}, ["evt_4", "evt_1"]),
        ({"sale": "own/test/subscription/sub_1", "state": "recorded"}, ["evt_4", "evt_1"]),
        ({"sale": "sub_2"}, []),
        ({"object": "in_1"}, ["evt_1"]),
        ({"delivered": "false"}, ["evt_4"]),
        ({"delivered": "true", "sale": "sub_1"}, ["evt_1"]),
        ({"since": "2026-11-21T12:00:00Z", "until": "2026-11-23T12:00:00Z"}, ["evt_3", "evt_2"]),
        ({"until": "2026-11-20T12:00:00Z"}, []),
    ],
)
def test_every_filter_narrows_the_list(
    filled: Door, query: dict[str, str], found: list[str]
) -> None:
    """All that is given must hold."""
    assert names(filled, **query) == found


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_the_cursor_leads_through_all_pages_whatever_their_size(filled: Door, limit: int) -> None:
    """Every event once, until there is no next cursor."""
    seen: list[str] = []
    query: dict[str, str] = {"limit": str(limit)}
    while True:
        body = filled.client.get(PATH, params=query).json()
        seen += [row["event"] for row in body["data"]]
        if body["meta"]["next_cursor"] is None:
            break
        query["cursor"] = body["meta"]["next_cursor"]

    assert seen == ["evt_4", "evt_3", "evt_2", "evt_1"]


def test_a_payload_is_shown_to_the_scope_admin_alone(filled: Door) -> None:
    """403 for whoever may only read; what is not JSON any more is null."""
    query = {"payload": "true", "object": "in_1"}
    reader = filled.token("ci", "product:read", "product:write")

    shown = filled.client.get(PATH, params=query).json()["data"]
    refused = filled.client.get(PATH, params=query, headers=reader)

    assert [row["payload"] for row in shown] == [{"id": "evt_1", "who": "Ada"}]
    assert (refused.status_code, refused.json()["error"]["detail"]) == (403, "requires admin")
    assert "Ada" not in refused.text
