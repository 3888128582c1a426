"""The first tables: events, sales, passes, steps, problems, links, escrow, slots."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0001"
down_revision = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _sales()
    _slots()
    _events()
    _links()
    _passes()
    _problems()
    _escrow()
    _sale_terms()
    _steps()


def _sales() -> None:
    op.create_table(
        "sales",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("wanted_generation", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("seen_generation", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("urgency", sa.SmallInteger(), server_default="5", nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("hinted_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("moved_to", Id, nullable=True),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("bought", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["moved_to"],
            ["sales.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales")),
        sa.UniqueConstraint(
            "account",
            "livemode",
            "kind",
            "object_id",
            name=op.f("uq_sales_account_livemode_kind_object_id"),
        ),
    )
    op.create_index("ix_sales_customer", "sales", ["customer_id"])
    op.create_index(
        "ix_sales_due",
        "sales",
        ["urgency", "due_at"],
        sqlite_where=sa.text("wanted_generation > seen_generation"),
        postgresql_where=sa.text("wanted_generation > seen_generation"),
    )
    op.create_index("ix_sales_object", "sales", ["object_id"])


def _slots() -> None:
    op.create_table(
        "slots",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("slot", UtcDateTime(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("task", "slot", name=op.f("pk_slots")),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("thin_id", sa.Text(), nullable=True),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("api_version", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("object_id", sa.Text(), nullable=True),
        sa.Column("sale_id", Id, nullable=True),
        sa.Column("generation", sa.BigInteger(), nullable=True),
        sa.Column("secret", sa.SmallInteger(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sale_id"],
            ["sales.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("event_id", "account", name=op.f("uq_events_event_id_account")),
    )
    op.create_index("ix_events_object", "events", ["object_id"])
    op.create_index("ix_events_received", "events", ["received_at"])
    op.create_index("ix_events_sale_generation", "events", ["sale_id", "generation"])


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stripe_key", sa.Text(), nullable=False),
        sa.Column("sale_id", Id, nullable=True),
        sa.Column("licensekit_id", sa.Text(), nullable=True),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("written", sa.JSON(), nullable=True),
        sa.Column("context", sa.JSON(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("linked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["sale_id"],
            ["sales.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint(
            "account",
            "livemode",
            "kind",
            "stripe_key",
            name=op.f("uq_links_account_livemode_kind_stripe_key"),
        ),
    )
    op.create_index("ix_links_licensekit", "links", ["licensekit_id"])
    op.create_index("ix_links_sale", "links", ["sale_id"])


def _passes() -> None:
    op.create_table(
        "passes",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("sale_id", Id, nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("from_generation", sa.BigInteger(), nullable=False),
        sa.Column("to_generation", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("snapshot_digest", sa.Text(), nullable=True),
        sa.Column("plan", sa.JSON(), nullable=True),
        sa.Column("problems", sa.JSON(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("order_ids", sa.JSON(), nullable=True),
        sa.Column("subscription_id", sa.Text(), nullable=True),
        sa.Column("license_ids", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["sale_id"],
            ["sales.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passes")),
    )
    op.create_index("ix_passes_sale", "passes", ["sale_id", "id"])
    op.create_index("ix_passes_started", "passes", ["started_at", "id"])
    op.create_index("ix_passes_status", "passes", ["status", "id"])


def _problems() -> None:
    op.create_table(
        "problems",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("sale_id", Id, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sale_id"],
            ["sales.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problems")),
        sa.UniqueConstraint(
            "sale_id",
            "cause",
            "subject",
            "line_id",
            name=op.f("uq_problems_sale_id_cause_subject_line_id"),
        ),
    )
    op.create_index("ix_problems_subject", "problems", ["cause", "subject"])


def _escrow() -> None:
    op.create_table(
        "escrow",
        sa.Column("licensekit_id", sa.Text(), nullable=False),
        sa.Column("link_id", Id, nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"],
            ["links.id"],
        ),
        sa.PrimaryKeyConstraint("licensekit_id", name=op.f("pk_escrow")),
    )


def _steps() -> None:
    op.create_table(
        "steps",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("pass_id", Id, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["pass_id"],
            ["passes.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
    )
    op.create_index("ix_steps_pass", "steps", ["pass_id", "id"])


def _sale_terms() -> None:
    op.create_table(
        "sale_terms",
        sa.Column("sale_id", Id, nullable=False),
        sa.Column("price_id", sa.Text(), nullable=False),
        sa.Column("mapping_version", Id, nullable=False),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"]),
        sa.PrimaryKeyConstraint("sale_id", "price_id", name=op.f("pk_sale_terms")),
    )
