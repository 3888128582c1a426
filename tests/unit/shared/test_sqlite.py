"""What we ask of SQLite that it does not do by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError, OperationalError

from shared.database import reading, transaction
from shared.tables import slots, steps
from tests.worlds.sales import NOW

FULL = 2  # SQLite's number for synchronous=FULL


def pragma(engine: Engine, name: str) -> Any:
    with reading(engine) as tx:
        return tx.exec_driver_sql(f"PRAGMA {name}").scalar_one()


@pytest.fixture
def sqlite(sqlite_url: str, engines: Callable[..., Engine]) -> Engine:
    return engines(sqlite_url, patience_ms=50)


@pytest.mark.parametrize(
    ("name", "value"),
    [("journal_mode", "wal"), ("synchronous", FULL), ("foreign_keys", 1), ("busy_timeout", 50)],
)
def test_each_connection_is_durable_strict_and_patient(
    sqlite: Engine, name: str, value: object
) -> None:
    """A 200 to Stripe means that the event survives a power cut."""
    assert pragma(sqlite, name) == value
    with reading(sqlite), reading(sqlite):  # a second connection beside the first
        assert pragma(sqlite, name) == value


def test_a_row_that_belongs_to_nothing_is_refused(sqlite: Engine) -> None:
    """SQLite would take a step without its pass."""
    orphan = steps.insert().values(
        pass_id=7, key="k", step="s", why="w", status="started", started_at=NOW
    )
    with pytest.raises(IntegrityError, match="FOREIGN KEY"), transaction(sqlite) as tx:
        tx.execute(orphan)


def test_a_writer_takes_its_turn_at_the_beginning(
    sqlite: Engine, sqlite_url: str, engines: Callable[..., Engine]
) -> None:
    """Before it reads: what it decides by can't be changed under it by another program."""
    another = engines(sqlite_url, patience_ms=50)
    locked = pytest.raises(OperationalError, match="locked")
    with transaction(sqlite), locked, transaction(another):
        raise AssertionError("two writers at once")


def test_a_reader_keeps_its_view_while_others_write(sqlite: Engine) -> None:
    """Two questions of one reading are about the same state."""
    count = sa.text("SELECT count(*) FROM slots")
    row = sa.text("INSERT INTO slots VALUES ('sweep', '2026-11-21', 'one')")
    with reading(sqlite) as tx:
        before = tx.execute(count).scalar_one()
        with transaction(sqlite) as other:
            other.execute(row)
        assert tx.execute(count).scalar_one() == before

    with reading(sqlite) as tx:
        assert tx.execute(count).scalar_one() == before + 1


def test_the_folder_of_a_new_database_is_made(
    tmp_path: Path, engines: Callable[..., Engine]
) -> None:
    """The first command of a fresh checkout works."""
    fresh = engines(f"sqlite:///{tmp_path / 'var' / 'deep' / 'fulfill.db'}")

    assert pragma(fresh, "journal_mode") == "wal"
    assert (tmp_path / "var" / "deep" / "fulfill.db").is_file()


def test_a_connection_that_turned_out_read_only_is_not_used_again(sqlite: Engine) -> None:
    """Once the file may be written again deliveries are taken again, without a new start."""
    with sqlite.connect() as connection:  # as one that was opened while the file was read-only
        connection.exec_driver_sql("PRAGMA query_only=ON")
    taken = slots.insert().values(task="sweep", slot=NOW, taken_by="me")
    with pytest.raises(OperationalError, match="readonly"), transaction(sqlite) as tx:
        tx.execute(taken)

    with transaction(sqlite) as tx:
        tx.execute(taken)

    with reading(sqlite) as tx:
        assert tx.execute(sa.select(slots.c.taken_by)).scalar_one() == "me"
