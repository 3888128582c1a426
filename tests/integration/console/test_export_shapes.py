"""What stands on each line of an export: every field, whatever the row holds."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from console.audit import Deed, note
from console.decisions import Wish, decide
from console.export import Span, read_journal
from shared.database import transaction
from shared.keys import SaleKey, StripeId
from tests.integration.console.journal import NOON, Journal

HOUR = timedelta(hours=1)
ALL = Span(None, NOON + 99 * HOUR)
KEY = SaleKey("acct_1", True, "subscription", StripeId("sub_1"))
STAMP = "2026-11-20T12:00:00.000Z"


def told(engine: Engine, span: Span = ALL, *, payloads: bool = False) -> list[dict[str, Any]]:
    return list(read_journal(engine, span, payloads=payloads))


def test_an_event_is_told_with_each_of_its_facts(engine: Engine, journal: Journal) -> None:
    """With the whole key of its sale; one that a sweep fetched says so."""
    sale = journal.sale("sub_1", account="acct_1", livemode=True)
    more = {"api_version": "2026-01-01", "object_id": "in_1", "secret": -1}
    journal.event("evt_1", sale, account="acct_1", livemode=True, **more)

    assert told(engine) == [
        {
            "what": "event",
            "event": "evt_1",
            "account": "acct_1",
            "livemode": True,
            "type": "invoice.paid",
            "api_version": "2026-01-01",
            "object": "in_1",
            "state": "recorded",
            "reason": None,
            "sale": "acct_1/live/subscription/sub_1",
            "generation": 1,
            "fetched": True,
            "created_at": STAMP,
            "received_at": STAMP,
        }
    ]


def test_a_decision_stands_at_its_making_with_its_release(engine: Engine) -> None:
    """Also where the release came after the time that was asked for: it is one line."""
    decide(engine, KEY, Wish("cancel", "fraud", "ada@desk"), now=NOON)
    decide(engine, KEY, Wish("release", "it was none", "ben@desk"), now=NOON + 5 * HOUR)

    decision, deed = told(engine, Span(NOON, NOON + HOUR))

    assert decision == {
        "what": "decision",
        "sale": "acct_1/live/subscription/sub_1",
        "kind": "cancel",
        "reason": "fraud",
        "decided_by": "ada@desk",
        "decided_at": STAMP,
        "released_by": "ben@desk",
        "release_reason": "it was none",
        "released_at": "2026-11-20T17:00:00.000Z",
    }
    assert (deed["what"], deed["action"], deed["detail"]["reason"]) == ("audit", "cancel", "fraud")


@pytest.mark.parametrize(
    ("since", "until", "subjects"),
    [
        (None, NOON, []),
        (NOON, NOON, []),
        (NOON, NOON + HOUR, ["0"]),
        (NOON + HOUR, NOON + 3 * HOUR, ["1", "2"]),
        (NOON + timedelta(microseconds=1), NOON + HOUR, []),
        (NOON + 9 * HOUR, NOON + 10 * HOUR, []),
    ],
)
def test_a_span_begins_with_its_first_moment_and_ends_before_its_last(
    engine: Engine, since: datetime | None, until: datetime, subjects: list[str]
) -> None:
    """So that two exports, one behind the other, have each line once."""
    with transaction(engine) as tx:
        for number in range(3):
            note(tx, Deed("ada@desk", "retry", f"{number}"), now=NOON + number * HOUR)

    assert [one["subject"] for one in told(engine, Span(since, until))] == subjects


HIDDEN = [
    ({"client_secret": "s3cret"}, {"client_secret": "(hidden)"}),
    ({"secret": "s3cret", "secrets": 1}, {"secret": "(hidden)", "secrets": 1}),
    ({"client_secret": None, "secret": ""}, {"client_secret": None, "secret": ""}),
    ({"a": [{"b": {"next_secret": {"c": "s3cret"}}}]}, {"a": [{"b": {"next_secret": "(hidden)"}}]}),
    ([[{"secret": ["s3cret"]}], 7], [[{"secret": "(hidden)"}], 7]),
    ({"name": "Käufer 🙏", "n": 0, "yes": True}, {"name": "Käufer 🙏", "n": 0, "yes": True}),
    ("a text", "a text"),
]


def test_no_secret_of_a_payload_comes_through_however_deep(
    engine: Engine, journal: Journal
) -> None:
    """What is empty hides nothing, and all else is as it was delivered."""
    for number, (given, _) in enumerate(HIDDEN):
        journal.event(f"evt_{number}", payload=json.dumps(given).encode())

    found = [one["payload"] for one in told(engine, payloads=True)]

    assert found == [shown for _, shown in HIDDEN]
    assert "s3cret" not in json.dumps(found)


@pytest.mark.parametrize(
    ("body", "shown"),
    [(b"", ""), (b"\xff{", "�{"), (b"{", "{"), ("Käufer".encode(), "Käufer")],
    ids=["nothing", "no text", "half of it", "a bare text"],
)
def test_a_payload_that_is_no_json_is_told_as_the_text_it_is(
    engine: Engine, journal: Journal, body: bytes, shown: str
) -> None:
    """One odd row must not end an export of a million."""
    journal.event("evt_1", payload=body)

    assert [one["payload"] for one in told(engine, payloads=True)] == [shown]


def test_what_came_in_one_moment_stands_in_one_order(engine: Engine, journal: Journal) -> None:
    """Events, passes, decisions, audit: so that two exports of the same time are the same."""
    sale = journal.sale("sub_1", account="acct_1", livemode=True)
    decide(engine, KEY, Wish("hold", "so", "ada@desk"), now=NOON)
    journal.closed(sale, started_at=NOON)
    journal.event("evt_1", sale, received_at=NOON)

    assert [one["what"] for one in told(engine)] == ["event", "pass", "decision", "audit"]
    assert told(engine) == told(engine)
