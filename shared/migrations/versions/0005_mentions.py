"""Every Stripe id that leads to a sale, and whose a license key is, by index; refused events by
account and mode.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql, sqlite

revision = "0005"
down_revision = "0004"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT_ONCE = 1000  # rows that are read at a time: a database of any size fits into memory
PREFIXES = ("in_", "il_", "li_", "si_", "pi_", "ch_", "py_", "price_", "plan_")


def upgrade() -> None:
    op.create_table(
        "mentions",
        sa.Column("stripe_id", sa.Text(), nullable=False),
        sa.Column("sale_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"]),
        sa.PrimaryKeyConstraint("stripe_id", "sale_id", name="pk_mentions"),
    )
    op.create_index("ix_mentions_sale", "mentions", ["sale_id"])
    op.create_index("ix_escrow_link", "escrow", ["link_id"])
    op.create_index(
        "ix_events_refused_account",
        "events",
        ["account", "livemode", "reason", "received_at"],
        sqlite_where=sa.text("state = 'refused'"),
        postgresql_where=sa.text("state = 'refused'"),
    )
    _fill("sales", "id", ("bought",))
    _fill("links", "sale_id", ("context", "stripe_key"))


def _fill(table: str, sale: str, columns: tuple[str, ...]) -> None:
    """What older releases kept only inside of JSON."""
    connection = op.get_bind()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    mentions = sa.table("mentions", sa.column("stripe_id"), sa.column("sale_id"))
    source = sa.table(table, sa.column("id"), sa.column(sale), *map(sa.column, columns))
    last = 0
    while rows := connection.execute(
        sa.select(source).where(source.c.id > last).order_by(source.c.id).limit(AT_ONCE)
    ).all():
        last = rows[-1].id
        found = {
            (name, getattr(row, sale))
            for row in rows
            if getattr(row, sale) is not None
            for column in columns
            for name in _names(_parsed(getattr(row, column)))
        }
        if found:
            connection.execute(
                dialect.insert(mentions).on_conflict_do_nothing(),
                [{"stripe_id": name, "sale_id": sale_id} for name, sale_id in sorted(found)],
            )


def _parsed(value: Any) -> Any:
    """SQLite keeps JSON as text; a link's key is text in both."""
    if isinstance(value, str) and value[:1] in "[{":
        return json.loads(value)
    return value.partition("/")[0] if isinstance(value, str) else value


def _names(value: Any) -> Iterator[str]:
    """Each of Stripe's ids, however deep."""
    if isinstance(value, str):
        if value.startswith(PREFIXES):
            yield value
        return
    inside: Iterable[Any] = ()
    if isinstance(value, dict):
        inside = value.values()
    elif isinstance(value, list):
        inside = value
    for one in inside:
        yield from _names(one)
