"""How Alembic reaches the embedded API's tables: over the connection `upgrade` hands in."""

from __future__ import annotations

from alembic import context

from licensing.database import VERSION_TABLE
from licensing.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table=VERSION_TABLE,  # the database may be shared with tables that are not ours
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()
