"""The migrations make exactly the tables the code expects, on both databases, however often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import Engine

from shared import migrations
from shared.tables import metadata
from tests.postgres import Cluster

OpenEngine = Callable[..., Engine]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind in which nothing was ever made."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new.db"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.database() as url:
        yield url


def test_an_empty_database_is_told_what_it_lacks_and_what_to_do(
    empty_url: str, engines: OpenEngine
) -> None:
    """Before the first migration `missing` names both revisions and the command."""
    reason = migrations.missing(engines(empty_url))

    assert reason is not None
    assert "fulfill db upgrade" in reason
    assert "revision none" in reason


def test_migrating_makes_every_table_and_twice_is_the_same_as_once(
    empty_url: str, engines: OpenEngine
) -> None:
    """`upgrade` brings a database to the head revision and may be run again at any time."""
    engine = engines(empty_url)

    first, second = migrations.upgrade(engine), migrations.upgrade(engine)

    assert (first, second) == (migrations.head(), migrations.head())
    assert migrations.missing(engine) is None
    assert set(metadata.tables) <= set(sa.inspect(engine).get_table_names())


def test_the_migrated_tables_are_the_ones_the_code_is_written_for(engine: Engine) -> None:
    """Nobody may change `tables` without a migration: the comparison finds no difference."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _ours})
        assert compare_metadata(context, metadata) == []


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name in metadata.tables


def test_programs_that_start_together_migrate_once(empty_url: str, engines: OpenEngine) -> None:
    """Web, worker and scheduler may all run the migrations at start: one does it, all go on."""
    several = [engines(empty_url) for _ in range(3)]

    with ThreadPoolExecutor(3) as pool:
        revisions = list(pool.map(migrations.upgrade, several))

    assert revisions == [migrations.head()] * 3
