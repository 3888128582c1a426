"""The embedded API's migrations make exactly its tables, on both databases, beside other ones."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from licensing.database import Database, is_current, upgrade
from licensing.tables import metadata
from tests.postgres import Cluster

VERSION_TABLE = "licensekit_alembic_version"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind in which nothing was ever made."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/100%/licensing.db"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.database() as url:
        yield url


@pytest.fixture
def database(empty_url: str) -> Iterator[Database]:
    """That database, opened."""
    database = Database(empty_url)
    yield database
    database.engine.dispose()


def test_migrating_makes_every_table_and_twice_is_the_same_as_once(
    empty_url: str, database: Database
) -> None:
    """`upgrade` may be run again at any time."""
    with database.reading() as tx:
        assert not is_current(tx)

    upgrade(empty_url)
    upgrade(empty_url)

    with database.reading() as tx:
        assert is_current(tx)
    tables = set(sa.inspect(database.engine).get_table_names())
    assert tables == {*metadata.tables, VERSION_TABLE}
    assert all(name.startswith("licensekit_") for name in tables)


def test_the_migrated_tables_are_the_ones_the_code_is_written_for(
    empty_url: str, database: Database
) -> None:
    """Nobody may change `tables` without a migration: the comparison finds no difference."""
    upgrade(empty_url)

    with database.reading() as tx:
        context = MigrationContext.configure(tx, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, metadata) == []


def test_programs_that_start_together_migrate_once(empty_url: str, database: Database) -> None:
    """Web, worker and scheduler may all migrate at start: one does it, all go on."""
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(upgrade, [empty_url] * 3))

    with database.reading() as tx:
        assert is_current(tx)
        rows = tx.execute(sa.text(f"SELECT count(*) FROM {VERSION_TABLE}")).scalar()
    assert rows == 1


def test_tables_of_others_in_the_same_database_stay(empty_url: str, database: Database) -> None:
    """One PostgreSQL database may hold the shop's tables and these, each with its own version."""
    with database.writing() as tx:
        tx.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        tx.execute(sa.text("INSERT INTO alembic_version VALUES ('of another')"))

    upgrade(empty_url)

    with database.reading() as tx:
        version = tx.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    assert version == "of another"
