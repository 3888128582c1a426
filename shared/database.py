"""One way to open the database and one way to write. What is in it: `tables`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.engine.interfaces import Dialect, ExceptionContext

BUSY_TIMEOUT_MS = 30_000  # a writer waits for the other; the longest transaction seen is 50 ms
POOL_SIZE = 40  # connections a process may hold: its passes at once and some for its routes


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """Aware UTC datetimes in both databases; SQLite itself keeps no zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def make_engine(
    url: str,
    *,
    pool_size: int = POOL_SIZE,
    patience_ms: int = BUSY_TIMEOUT_MS,
    pool_pre_ping: bool = True,
) -> Engine:
    """An engine for `sqlite:///path` (WAL, synchronous=FULL) or `postgresql+psycopg://…`.

    `patience_ms` is how long a writer waits for another before it raises OperationalError. An
    error shows the statement and never its values, which hold payloads and sealed keys.
    Without `pool_pre_ping` a PostgreSQL that was started again fails the next statement once.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=pool_pre_ping,
            hide_parameters=True,
            connect_args={"options": f"-c lock_timeout={patience_ms}", "connect_timeout": 10},
        )
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url, pool_size=pool_size, max_overflow=pool_size, hide_parameters=True
    )
    _turns[engine] = _Turns(patience_ms)
    event.listen(engine, "connect", partial(_prepare_sqlite, patience_ms))
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "handle_error", _drop_read_only)
    return engine


def _prepare_sqlite(patience_ms: int, connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={patience_ms}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # a 200 to Stripe means durable
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _drop_read_only(context: ExceptionContext) -> None:
    """A connection opened while the file could not be written stays read-only for its life; so
    does one whose file was replaced. Dropped, the next one finds out whether it was mended.
    """
    kind = getattr(context.original_exception, "sqlite_errorname", "")
    if kind.startswith("SQLITE_READONLY"):
        context.is_disconnect = True


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE: a deferred transaction that reads first and then writes fails at once when
    # another writer came between, whatever the busy timeout.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Write: everything inside commits together, or nothing does. No network call inside."""
    with (
        _turns.get(engine, nullcontext()),
        engine.connect().execution_options(writes=True) as connection,
        connection.begin(),
    ):
        yield connection


class _Turns:
    """This program's threads write to SQLite one after another, each as soon as the last is done.

    SQLite itself lets whoever finds its lock taken sleep and try again, so that with sixteen
    threads some waited for seconds. Waits as long as SQLite would, and fails as it does.
    """

    def __init__(self, patience_ms: int) -> None:
        self._lock = threading.Lock()
        self._patience_seconds = patience_ms / 1000

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=self._patience_seconds):
            waited = TimeoutError("another thread of this program writes for too long")
            raise sa.exc.OperationalError("BEGIN IMMEDIATE", None, waited)

    def __exit__(self, *_: object) -> None:
        self._lock.release()


_turns: WeakKeyDictionary[Engine, _Turns] = WeakKeyDictionary()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Read: one consistent view on SQLite, read-committed on PostgreSQL."""
    with engine.connect() as connection, connection.begin():
        yield connection
