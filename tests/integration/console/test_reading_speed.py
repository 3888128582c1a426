"""Problems and stories stay quick at a million rows: only what waits, or one sale, is read.

No clock is asked: the databases themselves tell how they would read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from console.fulfillments import Filters
from console.fulfillments.follow import Follower
from console.license_keys import find_kept, list_kept
from console.problems import count_problems, read_problems
from console.problems.of_events import count_refused
from console.story import find, read_stories
from shared.database import reading
from shared.settings import Settings
from tests.benchmarks.fill import fill
from tests.integration.console.journal import NOON

EVENTS = 60_000  # enough for both planners to prefer an index wherever one serves
# What grows with every sale. Problems, findings and mappings don't: they may be read whole.
GROWING = ("events", "sales", "passes", "steps", "links", "mentions")


@pytest.fixture
def busy_shop(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A thousand weighed sales are most of a small shop, which is best read whole."""
    monkeypatch.setattr("console.problems.stakes.COUNTED", 50)
    fill(engine, EVENTS, payload_bytes=10)
    return engine


def story(connection: Connection, name: str) -> None:
    assert read_stories(connection, find(connection, name).sale_ids)


READS: dict[str, Callable[[Connection, Settings], object]] = {
    "problems": lambda c, settings: read_problems(c, settings, NOON),
    "one cause": lambda c, settings: read_problems(c, settings, NOON, cause="failing"),
    "counts": lambda c, _: count_problems(c),
    "refused": lambda c, _: count_refused(c),
    "show a sale": lambda c, _: story(c, "sub_700"),
    "show a charge": lambda c, _: story(c, "ch_700"),
    "show a line": lambda c, _: story(c, "il_700"),
    "show a license": lambda c, _: story(c, "license_700"),
    "show a customer": lambda c, _: story(c, "cus_350"),
    "show an event": lambda c, _: story(c, "evt_702"),
    "find nothing": lambda c, _: find(c, "ch_nowhere"),
    "keys": lambda c, _: list_kept(c, undelivered=False, limit=50),
    "keys that wait": lambda c, _: list_kept(c, undelivered=True, limit=50),
    "keys of a sale": lambda c, _: find_kept(c, ["sub_700"]),
    "follow": lambda c, _: Follower.now(c, Filters()).read_new(c),
}


def plans(engine: Engine, read: Callable[[Connection], object]) -> list[str]:
    """How the database reads each statement, line by line."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    with reading(engine) as connection:
        event.listen(connection, "before_cursor_execute", note)
        read(connection)
        event.remove(connection, "before_cursor_execute", note)
        explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
        return [
            str(row[-1])
            for statement, parameters in asked
            for row in connection.exec_driver_sql(explain + statement, parameters)
        ]


def scans(line: str) -> bool:
    """Whether a growing table is read whole, and not out of an index."""
    words = line.replace("->", " ").split()
    if words[:2] == ["Seq", "Scan"]:
        return words[3] in GROWING
    return words[:1] == ["SCAN"] and words[1] in GROWING and "INDEX" not in words


def test_nothing_reads_a_table_that_grows_with_every_sale(
    busy_shop: Engine, settings: Settings
) -> None:
    """However long the history is, a person waits as long as on the first day."""
    found = {
        name: [line for line in plans(busy_shop, lambda c, r=read: r(c, settings)) if scans(line)]
        for name, read in READS.items()
    }

    assert found == {name: [] for name in READS}


@pytest.mark.parametrize(
    ("line", "noticed"),
    [
        ("SCAN sales", True),
        ("SCAN escrow USING COVERING INDEX ix_escrow_undelivered", False),
        ("SEARCH sales USING INTEGER PRIMARY KEY (rowid=?)", False),
        ("  ->  Seq Scan on links  (cost=0.00..930.00 rows=16000 width=47)", True),
        ("Seq Scan on problems  (cost=0.00..4.00 rows=200 width=47)", False),
        ("Index Scan using ix_links_sale on links  (cost=0.29..8.30 rows=1 width=47)", False),
    ],
)
def test_a_scan_would_be_noticed(line: str, noticed: bool) -> None:
    """So that the test above tests something: lines as the two databases write them."""
    assert scans(line) is noticed
