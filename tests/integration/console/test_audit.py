"""Who did what: written with the deed, found by who, what, about what and when."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from console.audit import AuditFilters, Deed, note, read_audit
from shared.database import reading, transaction
from tests.integration.console.conftest import Fulfill
from tests.integration.console.journal import NOON, Journal

HOUR = timedelta(hours=1)
DEEDS = [
    Deed("ada@desk", "retry", "sub_1", {"sales": 3}),
    Deed("ada@home", "mappings.set", "price_1", {"new": 1}),
    Deed("token:support", "mappings.retire", "price_1"),
    Deed("adam@desk", "hold", "sub_1", {"reason": "a_%b"}),
]


@pytest.fixture
def done(engine: Engine) -> Engine:
    with transaction(engine) as tx:
        for number, deed in enumerate(DEEDS):
            note(tx, deed, now=NOON + number * HOUR)
    return engine


def found(engine: Engine, **filters: Any) -> list[str]:
    with reading(engine) as connection:
        page = read_audit(connection, AuditFilters(**filters))
    return [f"{row.deed.who} {row.deed.action}" for row in page.rows]


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ({}, [3, 2, 1, 0]),
        ({"who": "ada"}, [1, 0]),
        ({"who": "ada@home"}, [1]),
        ({"who": "token:support"}, [2]),
        ({"who": "a%"}, []),
        ({"action": "mappings"}, [2, 1]),
        ({"action": "mappings.set"}, [1]),
        ({"action": "mapping"}, []),
        ({"subject": "sub_1"}, [3, 0]),
        ({"since": NOON + HOUR, "until": NOON + 3 * HOUR}, [2, 1]),
        ({"who": "ada", "subject": "price_1"}, [1]),
    ],
)
def test_deeds_are_found_by_what_is_given(
    done: Engine, filters: dict[str, Any], numbers: list[int]
) -> None:
    """All of it must hold; newest first."""
    assert found(done, **filters) == [f"{DEEDS[n].who} {DEEDS[n].action}" for n in numbers]


def test_pages_follow_each_other_without_a_gap(done: Engine) -> None:
    """The cursor of one page is where the next begins; the last has none."""
    with reading(done) as connection:
        first = read_audit(connection, AuditFilters(), limit=3)
        second = read_audit(connection, AuditFilters(), before=first.next_cursor, limit=3)

    numbers = [row.number for page in (first, second) for row in page.rows]
    assert len(numbers) == 4
    assert numbers == sorted(numbers, reverse=True)
    assert second.next_cursor is None


def test_a_person_reads_a_line_for_each_deed(fulfill: Fulfill, done: Engine) -> None:
    """When, who, what, about what, and the details; in JSON one object a line."""
    assert done
    page = fulfill("audit", "--who", "ada").stdout
    rows = [json.loads(line) for line in fulfill("audit", "--json").stdout.splitlines()]

    assert "2026-11-20 12:00:00  ada@desk  retry  sub_1  sales 3" in page
    assert [row["action"] for row in rows] == ["hold", "mappings.retire", "mappings.set", "retry"]
    assert fulfill("audit", "--limit", "1").stderr.startswith("There are older ones: add --cursor ")
    assert "Nobody did anything" in fulfill("audit", "--who", "eve").stderr


def test_setting_and_retiring_a_mapping_leave_their_rows(
    fulfill: Fulfill, engine: Engine, journal: Journal
) -> None:
    """With the sales that it released."""
    sale = journal.sale("sub_1")
    journal.problem(sale, "unmapped_price", "price_1", "map it")

    fulfill("mappings", "set", "price_1", "--policy", "pol_1", "--product", "prod_1")
    fulfill("mappings", "retire", "price_1")

    with reading(engine) as connection:
        rows = read_audit(connection, AuditFilters(action="mappings")).rows
    assert [(row.deed.action, row.deed.subject) for row in rows] == [
        ("mappings.retire", "price_1"),
        ("mappings.set", "price_1"),
    ]
    assert rows[1].deed.detail["released"] == 1
    assert "@" in rows[0].deed.who


def test_a_reconcile_is_noted_before_it_begins(fulfill: Fulfill, engine: Engine) -> None:
    """Also when nobody answers: that somebody asked, and whether by force, is kept."""
    nobody = "http://127.0.0.1:1"
    fulfill("reconcile", "sub_1", "--force", STRIPE_API_BASE=nobody, LICENSEKIT_BASE_URL=nobody)

    with reading(engine) as connection:
        (row,) = read_audit(connection, AuditFilters(action="reconcile")).rows
    assert (row.deed.subject, row.deed.detail["forced"]) == ("sub_1", True)
