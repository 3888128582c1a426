"""When a sale must be looked at again although nothing was heard of it; and refused events are
found without reading all.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("sales", sa.Column("wake_at", UtcDateTime(), nullable=True))
    op.create_index(
        "ix_sales_wake",
        "sales",
        ["wake_at"],
        sqlite_where=sa.text("wake_at IS NOT NULL"),
        postgresql_where=sa.text("wake_at IS NOT NULL"),
    )
    op.create_index(
        "ix_events_refused",
        "events",
        ["received_at"],
        sqlite_where=sa.text("state = 'refused'"),
        postgresql_where=sa.text("state = 'refused'"),
    )
