"""Brings a database to the tables of this release. Safe when several programs start at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine

from shared.database import transaction

ADVISORY_LOCK = 7_411_201  # any number, the same for all who migrate these tables


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """One migration at a time: SQLite by its write lock, PostgreSQL by an advisory lock."""
    with transaction(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
        yield connection


def upgrade(engine: Engine, revision: str = "head") -> str:
    """Migrate to `revision` and return the revision that then stands."""
    with _alone(engine) as connection:
        command.upgrade(_config(connection), revision)
        return MigrationContext.configure(connection).get_current_revision() or ""


def head() -> str:
    """The revision this release needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def missing(engine: Engine) -> str | None:
    """Why the database can't be used yet, or None when it stands at this release's revision."""
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current == head():
        return None
    return f"the database is at revision {current or 'none'} and needs {head()}: fulfill db upgrade"
