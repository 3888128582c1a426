"""The log stays fast at a million rows: each search is read along an index, and stops at its limit.

No clock is asked: the databases themselves tell how they would read.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from console.fulfillments import Filters
from console.fulfillments.search import find_passes
from shared.database import reading, transaction
from shared.tables import passes
from tests.integration.console.journal import NOON, Journal

PASSES = 20_000  # enough for both planners to prefer an index wherever one serves
SALES = 100

EVERY_FILTER = {
    "none": Filters(),
    "status": Filters(status="failed"),
    "sale": Filters(sale="sub_7"),
    "event": Filters(event="evt_7"),
    "customer": Filters(customer="cus_7"),
    "license": Filters(license="lic_7"),
    "times": Filters(since=NOON + timedelta(hours=3), until=NOON + timedelta(hours=4)),
    "status and times": Filters(status="failed", since=NOON + timedelta(hours=3)),
    "sale and status": Filters(sale="sub_7", status="applied"),
}


@pytest.fixture
def busy_shop(engine: Engine, journal: Journal) -> Engine:
    sales = [journal.sale(f"sub_{n}", customer_id=f"cus_{n}") for n in range(SALES)]
    journal.event("evt_7", sales[7])
    journal.link("license", "si_7/1", "lic_7", sale_id=sales[7])
    rows = [
        {
            "sale_id": sales[n % SALES],
            "worker": "shop:1:1",
            "from_generation": 0,
            "to_generation": 1,
            "status": "failed" if n % 500 == 0 else "applied",
            "started_at": NOON + timedelta(seconds=n),
        }
        for n in range(PASSES)
    ]
    with transaction(engine) as connection:
        connection.execute(sa.insert(passes), rows)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return engine


def plans(connection: Connection, filters: Filters) -> list[str]:
    """How the database reads each statement of one search, line by line."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    find_passes(connection, filters, before=PASSES, limit=51)
    event.remove(connection, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    return [
        str(row[-1])
        for statement, parameters in asked
        for row in connection.exec_driver_sql(explain + statement, parameters)
    ]


@pytest.mark.parametrize("name", EVERY_FILTER)
def test_no_search_reads_or_sorts_the_whole_journal(busy_shop: Engine, name: str) -> None:
    """Whatever is asked for, the rows come out of an index in the order they are shown."""
    with reading(busy_shop) as connection:
        lines = plans(connection, EVERY_FILTER[name])

    assert lines
    for line in lines:
        assert "Seq Scan" not in line or "passes" not in line, lines
        assert not line.startswith("SCAN passes"), lines
        assert "Sort" not in line, lines
        assert "TEMP B-TREE" not in line, lines


def test_a_busy_shop_answers_each_search(busy_shop: Engine) -> None:
    """The plans above belong to searches that do find something."""
    with reading(busy_shop) as connection:
        counts = {
            name: len(find_passes(connection, filters, before=None, limit=51))
            for name, filters in EVERY_FILTER.items()
        }

    assert all(counts.values()), counts
