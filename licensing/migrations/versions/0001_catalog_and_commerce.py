"""The first tables: what is for sale, to whom, and under which order."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from licensing.tables import Moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    _customers()
    _products()
    _features()
    _policies()
    _subscriptions()
    _orders()


def _customers() -> None:
    op.create_table(
        "licensekit_customers",
        _text("id"),
        _text("name"),
        _text("code"),
        _text("email", null=True),
        _json("metadata"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("id", name="licensekit_customers_pk"),
        sa.UniqueConstraint("code", name="licensekit_customers_unique"),
    )


def _products() -> None:
    op.create_table(
        "licensekit_products",
        _text("id"),
        _text("name"),
        _text("code"),
        _json("metadata"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("id", name="licensekit_products_pk"),
        sa.UniqueConstraint("code", name="licensekit_products_unique"),
    )


def _features() -> None:
    op.create_table(
        "licensekit_features",
        _text("id"),
        _text("product_id"),
        _text("name"),
        _text("code"),
        _json("metadata"),
        _moment("created_at"),
        _link("features", "product_id", "products"),
        sa.PrimaryKeyConstraint("id", name="licensekit_features_pk"),
        sa.UniqueConstraint("product_id", "code", name="licensekit_features_unique"),
    )
    _index("features", "product_id")


def _policies() -> None:
    op.create_table(
        "licensekit_policies",
        _text("id"),
        _text("product_id"),
        _text("name"),
        _text("code"),
        _text("license_type"),
        _number("max_activations"),
        _number("max_floating_users", null=True),
        _number("floating_timeout_minutes"),
        _number("grace_period_days"),
        _number("validation_interval_minutes"),
        _flag("require_heartbeat"),
        _flag("allow_offline_activation"),
        _number("offline_grace_days"),
        _flag("allow_vm"),
        _flag("allow_container"),
        _number("max_transfers"),
        _json("metadata"),
        _moment("created_at"),
        _moment("updated_at"),
        _link("policies", "product_id", "products"),
        sa.PrimaryKeyConstraint("id", name="licensekit_policies_pk"),
        sa.UniqueConstraint("product_id", "code", name="licensekit_policies_unique"),
    )
    _index("policies", "product_id")


def _subscriptions() -> None:
    op.create_table(
        "licensekit_subscriptions",
        _text("id"),
        _text("product_id"),
        _text("customer_id", null=True),
        _text("external_system"),
        _text("external_id"),
        _text("status"),
        _moment("current_period_start"),
        _moment("current_period_end"),
        _flag("cancel_at_period_end"),
        _moment("canceled_at", null=True),
        _json("metadata"),
        _moment("created_at"),
        _moment("updated_at"),
        _link("subscriptions", "customer_id", "customers"),
        _link("subscriptions", "product_id", "products"),
        sa.PrimaryKeyConstraint("id", name="licensekit_subscriptions_pk"),
        sa.UniqueConstraint(
            "product_id", "external_system", "external_id", name="licensekit_subscriptions_unique"
        ),
    )
    _index("subscriptions", "customer_id")
    _index("subscriptions", "product_id")


def _orders() -> None:
    op.create_table(
        "licensekit_orders",
        _text("id"),
        _text("product_id"),
        _text("customer_id", null=True),
        _text("subscription_id", null=True),
        _text("external_system"),
        _text("external_id"),
        _text("status"),
        _moment("period_start", null=True),
        _moment("period_end", null=True),
        _json("metadata"),
        _moment("created_at"),
        _moment("updated_at"),
        _link("orders", "customer_id", "customers"),
        _link("orders", "product_id", "products"),
        _link("orders", "subscription_id", "subscriptions"),
        sa.PrimaryKeyConstraint("id", name="licensekit_orders_pk"),
        sa.UniqueConstraint(
            "product_id", "external_system", "external_id", name="licensekit_orders_unique"
        ),
    )
    _index("orders", "customer_id")
    _index("orders", "product_id")
    _index("orders", "subscription_id")


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _moment(name: str, *, null: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, Moment(), nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _link(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = f"licensekit_{table}_{column}_fk"
    return sa.ForeignKeyConstraint([column], [f"licensekit_{target}.id"], name=name)


def _index(table: str, column: str) -> None:
    op.create_index(f"licensekit_{table}_{column}_ix", f"licensekit_{table}", [column])
