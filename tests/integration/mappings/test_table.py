"""The migration makes the table that the code describes."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Engine

from mappings.tables import metadata


def test_a_migrated_database_has_the_table_that_the_code_describes(engine: Engine) -> None:
    """Columns, types, nullability and indexes; tables of others are left out."""
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_object": lambda thing, name, kind, *_: (
                    kind != "table" or name == "mappings"
                ),
                "compare_type": True,
            },
        )
        assert compare_metadata(context, metadata) == []
