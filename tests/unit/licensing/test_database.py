"""One way in for readers, one for writers, and what SQLite is told to do."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from licensing.config import LicensingConfig
from licensing.database import Database, close_database, open_database
from licensing.tables import products

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def product(code: str) -> dict[str, object]:
    stamps: dict[str, object] = {"created_at": NOW, "updated_at": NOW}
    return {"id": f"prod_{code}", "name": "Editor", "code": code, "metadata": {}} | stamps


def write(database: Database, *rows: dict[str, object]) -> None:
    with database.writing() as tx:
        for row in rows:
            tx.execute(sa.insert(products), row)


def test_sqlite_keeps_what_was_committed_even_without_power(database: Database) -> None:
    """Write-ahead log, every commit on the disk, links checked."""
    asked = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}

    with database.reading() as tx:
        told = {name: tx.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked}

    assert told == asked


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    """All or nothing."""
    write(database, product("first"))
    with pytest.raises(sa.exc.IntegrityError):
        write(database, product("lost"), product("first"))

    with database.reading() as tx:
        assert tx.execute(sa.select(products.c.code)).scalars().all() == ["first"]


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    """And it sees only what was committed."""
    with database.writing() as writer:
        writer.execute(sa.insert(products), product("coming"))
        with database.reading() as reader:
            assert reader.execute(sa.select(products)).all() == []


def test_writers_wait_for_each_other(database: Database) -> None:
    """A second writer starts when the first is done, and then both rows are there."""
    is_first_inside = threading.Event()

    def first() -> None:
        with database.writing() as tx:
            is_first_inside.set()
            tx.execute(sa.insert(products), product("first"))

    def second() -> int:
        assert is_first_inside.wait(10)
        with database.writing() as tx:
            tx.execute(sa.insert(products), product("second"))
            return len(tx.execute(sa.select(products.c.id)).all())

    with ThreadPoolExecutor(2) as pool:
        pool.submit(first)
        assert pool.submit(second).result() == 2


def test_moments_come_back_in_utc(database: Database) -> None:
    """SQLite drops the zone on the way in; nobody notices on the way out."""
    with database.writing() as tx:
        tx.execute(sa.insert(products), product("timed"))
        assert tx.execute(sa.select(products.c.created_at)).scalar() == NOW


def test_an_error_does_not_show_what_was_written(database: Database) -> None:
    """The text of a database error ends up in logs."""
    row = product("first") | {"name": "a secret name"}
    with pytest.raises(sa.exc.IntegrityError) as caught:
        write(database, row, row)

    assert "a secret name" not in str(caught.value)


def test_one_url_is_one_database(config: LicensingConfig, database: Database) -> None:
    """Routes and readiness share connections, and closing is not the end."""
    assert open_database(config.database_url) is database

    close_database(config.database_url)

    with open_database(config.database_url).reading() as tx:
        assert tx.execute(sa.select(1)).scalar() == 1
