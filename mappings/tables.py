"""The one table of mappings. On a MetaData of its own: nothing here knows the other tables."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite numbers only INTEGER keys itself

# One row a version. A row is written once and ended once, by the next version or by retiring.
mappings = sa.Table(
    "mappings",
    metadata,
    sa.Column("id", Id, autoincrement=True),  # the version
    sa.Column("account", sa.Text, nullable=False),  # "" = our own, else "acct_…"
    sa.Column("livemode", sa.Boolean, nullable=False),
    sa.Column("stripe_price_id", sa.Text),  # exactly one of the two
    sa.Column("stripe_product_id", sa.Text),
    sa.Column("product_id", sa.Text, nullable=False),  # LicenseKit's
    sa.Column("policy_id", sa.Text, nullable=False),
    sa.Column("terms", sa.JSON, nullable=False),  # every term, also those at their default
    sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("set_by", sa.Text, nullable=False),
    sa.Column("ending", sa.Text),  # replaced | retired
    sa.Column("ended_at", sa.DateTime(timezone=True)),  # NULL = it is current
    sa.Column("ended_by", sa.Text),
    sa.PrimaryKeyConstraint("id", name="pk_mappings"),
    sa.CheckConstraint(
        "(stripe_price_id IS NULL) <> (stripe_product_id IS NULL)", name="ck_mappings_one_sold"
    ),
    *(
        sa.Index(
            f"uq_mappings_current_{kind}",
            "account",
            "livemode",
            f"stripe_{kind}_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        for kind in ("price", "product")
    ),
    sqlite_autoincrement=True,  # a version is never given out twice
)
