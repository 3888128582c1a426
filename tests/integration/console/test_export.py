"""`fulfill export`: the whole journal as JSON lines, in time order, without a secret."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from console.audit import Deed, note
from console.decisions import Wish, decide
from console.export import BATCH, Span, read_journal
from shared.database import transaction
from shared.keys import SaleKey, StripeId
from tests.integration.console.conftest import Fulfill
from tests.integration.console.journal import NOON, Journal

SECRET = "pi_1_secret_abc"
BODY = json.dumps({"data": {"object": {"client_secret": SECRET, "email": "ada@example.com"}}})
KEY = SaleKey("", False, "subscription", StripeId("sub_1"))
LATER = NOON + timedelta(days=1)


@pytest.fixture
def told(journal: Journal, engine: Engine) -> Journal:
    """An event, a pass with a step, a decision with its audit row, and one more event."""
    sale = journal.sale("sub_1", status="applied")
    journal.event("evt_1", sale, payload=BODY.encode())
    number = journal.closed(sale, problems=[{"cause": "unmapped_price", "subject": "price_1"}])
    journal.step(number, "issue license si_1/1")
    decide(engine, KEY, Wish("hold", "so", "ada@desk"), now=journal.now + timedelta(minutes=1))
    journal.now += timedelta(hours=1)
    journal.event("evt_2", payload=b"no JSON")
    return journal


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_journal_is_told_in_time_order_with_all_that_belongs_to_it(
    fulfill: Fulfill, told: Journal
) -> None:
    """One object a line; a pass comes with its steps, problems and the events it covers."""
    assert told
    first, done, decision, deed, second = lines(fulfill("export").stdout)

    assert [one["what"] for one in (first, done, decision, deed, second)] == [
        *("event", "pass", "decision", "audit", "event"),
    ]
    assert (first["event"], first["sale"]) == ("evt_1", "own/test/subscription/sub_1")
    assert [step["step"] for step in done["steps"]] == ["issue license si_1/1"]
    assert (done["events"], done["problems"][0]["cause"]) == (["evt_1"], "unmapped_price")
    assert (decision["kind"], decision["decided_by"], decision["released_at"]) == (
        *("hold", "ada@desk", None),
    )
    assert (deed["action"], deed["subject"], second["sale"]) == ("hold", "sub_1", None)


def test_payloads_come_only_when_asked_for_and_never_with_a_secret(
    fulfill: Fulfill, told: Journal
) -> None:
    """They hold buyers' addresses; what lets somebody pay or sign in stays here."""
    assert told
    plain, full = fulfill("export").stdout, fulfill("export", "--payloads").stdout

    assert "ada@example.com" not in plain
    assert [one["payload"] for one in lines(full) if one["what"] == "event"] == [
        {"data": {"object": {"client_secret": "(hidden)", "email": "ada@example.com"}}},
        "no JSON",
    ]
    assert SECRET not in full


def test_a_time_may_be_named(fulfill: Fulfill, told: Journal) -> None:
    """From a moment, until just before another."""
    assert told
    since = lines(fulfill("export", "--since", "2026-11-20T13:00").stdout)
    until = lines(fulfill("export", "--until", "2026-11-20T12:00:30").stdout)

    assert [one["event"] for one in since] == ["evt_2"]
    assert [one["event"] for one in until] == ["evt_1"]


def test_a_file_is_written_whole_and_is_for_its_owner_alone(
    fulfill: Fulfill, told: Journal, tmp_path: Path
) -> None:
    """And the answer says how much stands in it."""
    assert told
    out = tmp_path / "journal.jsonl"

    answer = json.loads(fulfill("export", "--out", str(out), "--json").stdout)

    assert answer["lines"] == {"audit": 1, "decision": 1, "event": 2, "pass": 1}
    assert len(lines(out.read_text())) == 5
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("*.part")] == []


def test_a_place_that_can_not_be_written_is_told(fulfill: Fulfill, engine: Engine) -> None:
    """With what it means and what to do."""
    assert engine
    told = fulfill("export", "--out", "nowhere/journal.jsonl")

    assert told.exit_code == 1
    assert "nowhere/journal.jsonl can't be written" in told.stderr


def test_rows_of_the_same_moment_are_told_once_each_over_many_batches(engine: Engine) -> None:
    """A batch ends somewhere among them, and the next begins right after."""
    number = 2 * BATCH + 7
    with transaction(engine) as tx:
        for one in range(number):
            note(tx, Deed("ada@desk", "retry", str(one)), now=NOON)

    told = [one["subject"] for one in read_journal(engine, Span(NOON, LATER))]

    assert told == [str(one) for one in range(number)]
