"""How both databases are opened, read and written."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from shared.database import UtcDateTime, reading, transaction

MOMENT = datetime(2026, 11, 21, 12, 30, 15, 123_456, tzinfo=UTC)
NEW_YORK = timezone(timedelta(hours=-5))

drawer = sa.Table(
    "drawer",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("moment", UtcDateTime),
    sa.Column("note", sa.Text),
)


@pytest.fixture
def shelf(engine: Engine) -> Engine:
    """Each kind of database, with one empty table."""
    with transaction(engine) as tx:
        drawer.create(tx)
    return engine


def put(tx: Connection, number: int, moment: datetime | None = None, note: str = "") -> None:
    tx.execute(drawer.insert().values(id=number, moment=moment, note=note))


def inside(engine: Engine) -> list[int]:
    with reading(engine) as tx:
        return list(tx.execute(sa.select(drawer.c.id).order_by(drawer.c.id)).scalars())


@pytest.mark.parametrize("moment", [MOMENT, MOMENT.astimezone(NEW_YORK)])
def test_a_moment_comes_back_as_it_was_in_utc(shelf: Engine, moment: datetime) -> None:
    """To the microsecond, whatever zone it was told in."""
    with transaction(shelf) as tx:
        put(tx, 1, moment)

    with reading(shelf) as tx:
        (found,) = tx.execute(sa.select(drawer.c.moment)).scalars()
    assert (found, found.tzinfo) == (MOMENT, UTC)


def test_moments_are_compared_as_moments(shelf: Engine) -> None:
    """Noon in New York is later than noon in UTC."""
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    with transaction(shelf) as tx:
        put(tx, 1, noon)
        put(tx, 2, noon.replace(tzinfo=NEW_YORK))
        put(tx, 3, None)

    with reading(shelf) as tx:
        later = sa.select(drawer.c.id).where(drawer.c.moment > noon)
        assert list(tx.execute(later).scalars()) == [2]
        empty = sa.select(drawer.c.moment).where(drawer.c.id == 3)
        assert tx.execute(empty).scalar_one() is None


def test_a_moment_without_a_zone_is_refused(shelf: Engine) -> None:
    """It would be another moment on another machine."""
    with pytest.raises(StatementError, match="has no time zone"), transaction(shelf) as tx:
        put(tx, 1, MOMENT.replace(tzinfo=None))


def test_a_transaction_is_written_whole_or_not_at_all(shelf: Engine) -> None:
    """A crash in the middle leaves nothing behind."""
    with suppress(ZeroDivisionError), transaction(shelf) as tx:
        put(tx, 1)
        put(tx, 2)
        raise ZeroDivisionError
    assert inside(shelf) == []

    with transaction(shelf) as tx:
        put(tx, 1)
        put(tx, 2)
    assert inside(shelf) == [1, 2]


def test_what_is_not_committed_is_seen_by_nobody_else(shelf: Engine) -> None:
    """And a reader does not wait for it."""
    with transaction(shelf) as tx:
        put(tx, 1)
        assert inside(shelf) == []
    assert inside(shelf) == [1]


def test_a_database_error_shows_the_statement_and_never_its_values(shelf: Engine) -> None:
    """Values are payloads and sealed keys; errors end up in logs."""
    with transaction(shelf) as tx:
        put(tx, 1)

    refused = pytest.raises(IntegrityError, match="INSERT INTO drawer")
    with refused as caught, transaction(shelf) as tx:
        put(tx, 1, note="KEY-1")

    assert "KEY-1" not in str(caught.value)


def test_writers_wait_for_each_other_instead_of_failing(shelf: Engine) -> None:
    """Each reads and then writes, which is where SQLite fails at once unless told otherwise."""
    faults: list[Exception] = []

    def add_ten() -> None:
        try:
            for _ in range(10):
                with transaction(shelf) as tx:
                    tx.execute(drawer.update().values(note=drawer.c.note + "x"))
                    tx.execute(sa.select(drawer)).all()
                    tx.execute(drawer.update().values(note=drawer.c.note + "y"))
        except Exception as fault:
            faults.append(fault)

    with transaction(shelf) as tx:
        put(tx, 1)
    writers = [threading.Thread(target=add_ten) for _ in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()

    assert faults == []
    with reading(shelf) as tx:
        assert tx.execute(sa.select(drawer.c.note)).scalar_one() == "xy" * 40


def test_a_writers_patience_ends(
    shelf: Engine, database_url: str, engines: Callable[..., Engine]
) -> None:
    """The receiver would rather answer 503 in time than hold Stripe's connection."""
    with transaction(shelf) as tx:
        put(tx, 1)

    hasty = engines(database_url, patience_ms=50)
    with transaction(shelf) as tx:
        tx.execute(drawer.update().values(note="mine"))
        with pytest.raises(OperationalError), transaction(hasty) as other:
            other.execute(drawer.update().values(note="theirs"))
