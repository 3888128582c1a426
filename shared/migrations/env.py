"""How Alembic reaches the database: over the connection that `upgrade` hands in."""

from __future__ import annotations

from alembic import context

from shared.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=False,
)
context.run_migrations()
