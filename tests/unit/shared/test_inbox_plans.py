"""The inbox's statements look rows up by index: a batch costs the same at a million events."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.engine import Engine

from shared.database import reading
from shared.inbox import on_sqlite


def plan_of(engine: Engine, statement: str, columns: int) -> list[str]:
    text = statement.format(rows=on_sqlite._values(2, columns))
    with reading(engine) as tx:
        rows = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", tuple("x" * columns * 2))
        return [row[3] for row in rows]


def test_a_batch_never_reads_a_whole_table_of_sqlite(
    sqlite_url: str, engines: Callable[..., Engine]
) -> None:
    """SQLite scans the table for `(a, b) IN (VALUES …)`, so the given rows drive a join instead."""
    engine = engines(sqlite_url)

    known = plan_of(engine, on_sqlite._KNOWN, 2)
    raised = plan_of(engine, on_sqlite._RAISED, 4)

    assert [line for line in known + raised if line.startswith(("SCAN events", "SCAN sales"))] == []
    assert any(line.startswith("SEARCH events USING COVERING INDEX") for line in known)
    assert any(line.startswith("SEARCH sales USING INDEX") for line in raised)
