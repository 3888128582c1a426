"""The other first tables: licenses, devices, keys, audit."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from licensing.tables import Moment

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _api_keys()
    _audit()
    _idempotency()
    _signing_keys()
    _licenses()
    _devices()
    _license_features()


def _api_keys() -> None:
    op.create_table(
        "licensekit_api_keys",
        _text("id"),
        _text("name"),
        _text("token_hash"),
        _text("key_prefix"),
        _json("scopes"),
        _json("allowed_cidrs"),
        _flag("is_active"),
        _moment("expires_at", null=True),
        _moment("last_used_at", null=True),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name="licensekit_api_keys_pk"),
        sa.UniqueConstraint("token_hash", name="licensekit_api_keys_unique"),
    )


def _audit() -> None:
    op.create_table(
        "licensekit_audit",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        _text("event_type"),
        _text("actor_type"),
        _text("actor_id"),
        _text("resource_type"),
        _text("resource_id", null=True),
        _json("metadata"),
        _text("ip_address", null=True),
        _text("request_id"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("sequence", name="licensekit_audit_pk"),
    )
    op.create_index(
        "licensekit_audit_resource_ix",
        "licensekit_audit",
        ["resource_type", "resource_id"],
        unique=False,
    )


def _idempotency() -> None:
    op.create_table(
        "licensekit_idempotency",
        _text("operation"),
        _text("license_id"),
        _text("idempotency_key"),
        _text("body_hash"),
        _text("data", null=True),
        _moment("created_at"),
        sa.PrimaryKeyConstraint(
            "operation", "license_id", "idempotency_key", name="licensekit_idempotency_pk"
        ),
    )


def _signing_keys() -> None:
    op.create_table(
        "licensekit_signing_keys",
        _text("kid"),
        _text("algorithm"),
        _text("public_key"),
        sa.Column("private_key_sealed", sa.LargeBinary(), nullable=False),
        _text("status"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("kid", name="licensekit_signing_keys_pk"),
    )
    op.create_index(
        "licensekit_signing_keys_one_active",
        "licensekit_signing_keys",
        ["status"],
        unique=True,
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )


def _licenses() -> None:
    op.create_table(
        "licensekit_licenses",
        _text("id"),
        _text("product_id"),
        _text("policy_id"),
        _text("customer_id", null=True),
        _text("order_id", null=True),
        _text("subscription_id", null=True),
        _text("status"),
        _text("license_key_hash"),
        _text("license_key_prefix"),
        _text("license_key_last4"),
        _text("customer_email", null=True),
        _text("customer_name", null=True),
        _number("active_device_count"),
        _number("times_activated"),
        _number("times_transferred"),
        _number("total_consumptions"),
        _number("entitlement_version"),
        _moment("starts_at", null=True),
        _moment("expires_at", null=True),
        _moment("grace_ends_at", null=True),
        _moment("maintenance_expires_at", null=True),
        _json("metadata"),
        _moment("created_at"),
        _moment("updated_at"),
        _link("licenses", "customer_id", "customers"),
        _link("licenses", "order_id", "orders"),
        _link("licenses", "policy_id", "policies"),
        _link("licenses", "product_id", "products"),
        _link("licenses", "subscription_id", "subscriptions"),
        sa.PrimaryKeyConstraint("id", name="licensekit_licenses_pk"),
        sa.UniqueConstraint("license_key_hash", name="licensekit_licenses_unique"),
    )
    _index("licenses", "customer_id")
    _index("licenses", "expires_at")
    _index("licenses", "order_id")
    _index("licenses", "policy_id")
    _index("licenses", "product_id")
    _index("licenses", "subscription_id")


def _devices() -> None:
    op.create_table(
        "licensekit_devices",
        _text("id"),
        _text("license_id"),
        _text("binding_kind"),
        _text("binding_key"),
        _text("fingerprint", null=True),
        _text("hostname", null=True),
        _text("os", null=True),
        _text("ip_address", null=True),
        _flag("is_vm"),
        _flag("is_container"),
        _text("container_id", null=True),
        _text("cluster_id", null=True),
        _text("namespace", null=True),
        _text("pod_name", null=True),
        _text("status"),
        _moment("first_seen_at"),
        _moment("last_seen_at"),
        _moment("last_validated_at", null=True),
        _json("metadata"),
        _moment("created_at"),
        _moment("updated_at"),
        _link("devices", "license_id", "licenses"),
        sa.PrimaryKeyConstraint("id", name="licensekit_devices_pk"),
        sa.UniqueConstraint(
            "license_id", "binding_kind", "binding_key", name="licensekit_devices_unique"
        ),
    )
    _index("devices", "license_id")


def _license_features() -> None:
    op.create_table(
        "licensekit_license_features",
        _text("license_id"),
        _text("feature_id"),
        _flag("enabled"),
        _number("max_consumptions", null=True),
        _number("total_consumptions"),
        _moment("expires_at", null=True),
        _json("metadata"),
        _link("license_features", "feature_id", "features"),
        _link("license_features", "license_id", "licenses"),
        sa.PrimaryKeyConstraint("license_id", "feature_id", name="licensekit_license_features_pk"),
    )


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
