"""Opens the embedded API's database and brings its tables up to date. What is in it: `tables`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine, make_url

BUSY_TIMEOUT_MS = 30_000  # only for writers of other processes; ours queue on a lock of their own
POOL_SIZE = 40  # as many as the thread pool has threads
UPGRADE_LOCK = 5_209_151_117  # any number, as long as it is ours: PostgreSQL's advisory lock
VERSION_TABLE = "licensekit_alembic_version"
MIGRATIONS = Path(__file__).parent / "migrations"

_databases: dict[str, Database] = {}
_opening = threading.Lock()


class Database:
    """One engine and its two ways in: `reading()` and `writing()`. One call is one transaction."""

    def __init__(self, url: str) -> None:
        self.engine = _make_engine(url)
        is_sqlite = self.engine.dialect.name == "sqlite"
        # SQLite's own wait polls, up to 100 ms a time and not in order of arrival.
        self._writer: AbstractContextManager[Any] = threading.Lock() if is_sqlite else nullcontext()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that writes nothing."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that commits whole or not at all."""
        with self._writer, self.engine.connect() as plain:
            connection = plain.execution_options(writes=True)
            with connection.begin():
                yield connection


def open_database(url: str) -> Database:
    """The one database of this URL in this process, opened on first use."""
    with _opening:
        if url not in _databases:
            _databases[url] = Database(url)
        return _databases[url]


def close_database(url: str) -> None:
    """Give all connections back; whoever still uses the database connects again."""
    with _opening:
        database = _databases.get(url)
    if database is not None:
        database.engine.dispose()


def upgrade(url: str) -> None:
    """Migrate to the newest tables. May run at any time, by several programs at once."""
    database = Database(url)
    try:
        with database.writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(UPGRADE_LOCK)))
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        database.engine.dispose()


def is_current(connection: Connection) -> bool:
    """Whether the tables are the ones this code was written for."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    head = ScriptDirectory.from_config(_alembic()).get_current_head()
    return context.get_current_revision() == head


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _make_engine(url: str) -> Engine:
    parsed = make_url(url)
    options: dict[str, Any] = {
        "pool_size": POOL_SIZE,
        "max_overflow": POOL_SIZE,
        "hide_parameters": True,  # an error's text must not carry what was written
        "json_serializer": lambda value: msgspec.json.encode(value).decode(),
        "json_deserializer": msgspec.json.decode,
    }
    if parsed.get_backend_name() != "sqlite":
        arguments = {"options": f"-c timezone=UTC -c lock_timeout={BUSY_TIMEOUT_MS}"}
        return sa.create_engine(url, pool_pre_ping=True, connect_args=arguments, **options)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, **options)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, not at the first write
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",  # a license key that was shown once must not be lost
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first can't become a writer once another process wrote.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
