"""`fulfill log` as a shopkeeper types it."""

from __future__ import annotations

import json

import pytest

from tests.integration.console.conftest import Fulfill
from tests.integration.console.journal import Journal

NAMES = [
    "pass",
    "sale",
    "events",
    "status",
    "steps",
    "problems",
    "customer_id",
    "order_ids",
    "subscription_id",
    "license_ids",
    "started_at",
    "finished_at",
]


def test_the_log_in_json_is_one_object_a_line_with_the_promised_names(
    fulfill: Fulfill, journal: Journal
) -> None:
    """Scripts read the log line by line, so its names never change."""
    sale = journal.sale("sub_1")
    made = [journal.closed(sale), journal.closed(sale, "settled")]

    answer = fulfill("log", "--json")

    rows = [json.loads(line) for line in answer.stdout.splitlines()]
    assert answer.exit_code == 0
    assert [row["pass"] for row in rows] == made[::-1]
    assert [list(row) for row in rows] == [NAMES, NAMES]


def test_the_log_tells_people_what_was_done_and_what_went_wrong(
    fulfill: Fulfill, journal: Journal
) -> None:
    """A row that failed says why, where one looks first."""
    sale = journal.sale("sub_1")
    done = journal.closed(sale, license_ids=["lic_1"])
    journal.step(done, "issue pol_1 for si_1")
    journal.closed(sale, "failed", error="LicenseKit did not answer; it is tried again.")

    answer = fulfill("log")

    assert "issue pol_1 for si_1" in answer.stdout
    assert "lic_1" in answer.stdout
    assert "LicenseKit did not answer; it is tried again." in answer.stdout


def test_filters_of_the_command_line_narrow_the_log(fulfill: Fulfill, journal: Journal) -> None:
    """All filters that are given must hold."""
    sale = journal.sale("sub_1", customer_id="cus_1")
    failed = journal.closed(sale, "failed")
    journal.closed(sale)

    answer = fulfill(
        "log", "--customer", "cus_1", "--status", "failed", "--since", "2026-11-20", "--json"
    )

    assert [json.loads(line)["pass"] for line in answer.stdout.splitlines()] == [failed]


def test_a_full_page_says_how_to_see_older_passes(fulfill: Fulfill, journal: Journal) -> None:
    """Nobody should believe that the first page is everything."""
    sale = journal.sale("sub_1")
    made = [journal.closed(sale) for _ in range(3)]

    first = fulfill("log", "--limit", "2")
    older = fulfill("log", "--cursor", str(made[1]), "--json")

    assert f"--cursor {made[1]}" in first.stderr
    assert [json.loads(line)["pass"] for line in older.stdout.splitlines()] == [made[0]]


def test_an_empty_log_says_so_and_is_no_fault(fulfill: Fulfill) -> None:
    """A shop that has sold nothing yet is in order."""
    answer = fulfill("log")

    assert answer.exit_code == 0
    assert "Nothing fits" in answer.stderr


@pytest.mark.parametrize(
    "words", [["--status", "happy"], ["--since", "yesterday-ish"], ["--limit", "0"]]
)
def test_a_filter_that_makes_no_sense_is_refused_with_what_would(
    fulfill: Fulfill, words: list[str]
) -> None:
    """A typing mistake must not look like an empty result."""
    answer = fulfill("log", *words)

    assert answer.exit_code == 2
    assert words[0] in answer.output


def test_events_that_were_refused_are_told_below_the_log(
    fulfill: Fulfill, journal: Journal
) -> None:
    """They have no sale and no pass, so they would be seen nowhere else."""
    for number in (1, 2):
        journal.event(f"evt_{number}", state="refused", reason="acct_9 is not in STRIPE_ACCOUNTS")
    journal.event("evt_3", state="refused", reason="a live event")
    journal.event("evt_4", state="ignored", reason="of no use")
    told = [
        "2 events were refused, the last one evt_2: acct_9 is not in STRIPE_ACCOUNTS.",
        "1 event was refused, the last one evt_3: a live event.",
    ]

    assert fulfill("log").stderr.splitlines()[1:] == told
    assert fulfill("log", "--event", "evt_3").stderr.splitlines()[1:] == told[1:]
    assert fulfill("log", "--since", "2026-11-21").stderr.splitlines()[1:] == []
    assert fulfill("log", "--until", "2026-11-20").stderr.splitlines()[1:] == []
    assert "refused, the last" not in fulfill("log", "--sale", "sub_1").stderr
