"""Which sales a Stripe id leads to: invoices, lines, charges and prices, as passes read them.

Charges and lines stand deep inside of what is bought, where no index finds them.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from shared.tables import mentions


def note_mentions(tx: Connection, sale_id: int, stripe_ids: Collection[str]) -> None:
    """Write which ids belong to a sale. What is written already is only read."""
    query = sa.select(mentions.c.stripe_id).where(
        mentions.c.sale_id == sale_id, mentions.c.stripe_id.in_(stripe_ids)
    )
    missing = sorted(set(stripe_ids) - set(tx.scalars(query)))
    if missing:
        insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
        rows = [{"stripe_id": one, "sale_id": sale_id} for one in missing]
        tx.execute(insert(mentions).on_conflict_do_nothing(), rows)


def sales_mentioning(tx: Connection, stripe_id: str, *, limit: int) -> set[int]:
    """The newest sales that this id belongs to."""
    query = sa.select(mentions.c.sale_id).where(mentions.c.stripe_id == stripe_id)
    return set(tx.scalars(query.order_by(mentions.c.sale_id.desc()).limit(limit)))
