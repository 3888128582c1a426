"""The tables of the embedded API. Column names are the contract's field names.

Rules across rows are not here: see `terms`, `commerce` and `licenses`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect

HIDDEN = {"hidden": True}  # a column that no answer shows

metadata = sa.MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "uq": "%(table_name)s_unique",
        "fk": "%(table_name)s_%(column_0_name)s_fk",
        "ix": "%(table_name)s_%(column_0_name)s_ix",
    }
)


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite drops the zone, so it is put back on reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and not value.tzinfo else value


def _text(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=null)


def _number(name: str, value: int | None = 0) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=value is None, default=value)


def _flag(name: str, value: bool) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean, nullable=False, default=value)


def _moment(name: str, *, null: bool = True) -> sa.Column[Any]:
    return sa.Column(name, Moment, nullable=null)


def _link(name: str, table: str, *, null: bool = True) -> sa.Column[Any]:
    key = sa.ForeignKey(f"licensekit_{table}.id")
    return sa.Column(name, sa.Text, key, nullable=null, index=True)


def _record(name: str, *parts: sa.schema.SchemaItem, updated: bool = True) -> sa.Table:
    stamps = [_moment("created_at", null=False)]
    if updated:
        stamps.append(_moment("updated_at", null=False))
    return sa.Table(
        f"licensekit_{name}",
        metadata,
        sa.Column("id", sa.Text, primary_key=True),
        *parts,
        sa.Column("metadata", sa.JSON, nullable=False, default=dict),
        *stamps,
    )


products = _record("products", _text("name"), _text("code"), sa.UniqueConstraint("code"))

policies = _record(
    "policies",
    _link("product_id", "products", null=False),
    _text("name"),
    _text("code"),
    _text("license_type"),
    _number("max_activations"),  # 0 = no limit
    _number("max_floating_users", None),
    _number("floating_timeout_minutes", 60),
    _number("grace_period_days"),
    _number("validation_interval_minutes", 1440),
    _flag("require_heartbeat", False),
    _flag("allow_offline_activation", True),
    _number("offline_grace_days"),
    _flag("allow_vm", True),
    _flag("allow_container", True),
    _number("max_transfers"),  # 0 = no limit
    sa.UniqueConstraint("product_id", "code"),
)

features = _record(
    "features",
    _link("product_id", "products", null=False),
    _text("name"),
    _text("code"),
    sa.UniqueConstraint("product_id", "code"),
    updated=False,
)

customers = _record(
    "customers",
    _text("name"),
    _text("code"),
    _text("email", null=True),
    sa.UniqueConstraint("code"),
)

subscriptions = _record(
    "subscriptions",
    _link("product_id", "products", null=False),
    _link("customer_id", "customers"),
    _text("external_system"),
    _text("external_id"),
    _text("status"),
    _moment("current_period_start", null=False),
    _moment("current_period_end", null=False),
    _flag("cancel_at_period_end", False),
    _moment("canceled_at"),
    sa.UniqueConstraint("product_id", "external_system", "external_id"),
)

orders = _record(
    "orders",
    _link("product_id", "products", null=False),
    _link("customer_id", "customers"),
    _link("subscription_id", "subscriptions"),
    _text("external_system"),
    _text("external_id"),
    _text("status"),
    _moment("period_start"),
    _moment("period_end"),
    sa.UniqueConstraint("product_id", "external_system", "external_id"),
)

licenses = _record(
    "licenses",
    _link("product_id", "products", null=False),
    _link("policy_id", "policies", null=False),
    _link("customer_id", "customers"),
    _link("order_id", "orders"),
    _link("subscription_id", "subscriptions"),
    _text("status"),  # active, suspended or revoked; what time adds is computed on reading
    sa.Column("license_key_hash", sa.Text, nullable=False, info=HIDDEN),
    _text("license_key_prefix"),
    _text("license_key_last4"),
    _text("customer_email", null=True),
    _text("customer_name", null=True),
    _number("active_device_count"),
    _number("times_activated"),
    _number("times_transferred"),
    _number("total_consumptions"),
    _number("entitlement_version", 1),
    _moment("starts_at"),
    sa.Column("expires_at", Moment, index=True),
    sa.Column("grace_ends_at", Moment, info=HIDDEN),
    _moment("maintenance_expires_at"),
    sa.UniqueConstraint("license_key_hash"),
)

license_features = sa.Table(
    "licensekit_license_features",
    metadata,
    sa.Column("license_id", sa.Text, sa.ForeignKey("licensekit_licenses.id"), primary_key=True),
    sa.Column("feature_id", sa.Text, sa.ForeignKey("licensekit_features.id"), primary_key=True),
    _flag("enabled", True),
    _number("max_consumptions", None),
    _number("total_consumptions"),
    _moment("expires_at"),
    sa.Column("metadata", sa.JSON, nullable=False, default=dict),
)

devices = _record(
    "devices",
    _link("license_id", "licenses", null=False),
    _text("binding_kind"),
    _text("binding_key"),
    _text("fingerprint", null=True),
    _text("hostname", null=True),
    _text("os", null=True),
    _text("ip_address", null=True),
    _flag("is_vm", False),
    _flag("is_container", False),
    _text("container_id", null=True),
    _text("cluster_id", null=True),
    _text("namespace", null=True),
    _text("pod_name", null=True),
    _text("status"),
    _moment("first_seen_at", null=False),
    _moment("last_seen_at", null=False),
    _moment("last_validated_at"),
    sa.UniqueConstraint("license_id", "binding_kind", "binding_key"),
)

api_keys = sa.Table(
    "licensekit_api_keys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    _text("name"),
    sa.Column("token_hash", sa.Text, nullable=False, info=HIDDEN),
    _text("key_prefix"),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("allowed_cidrs", sa.JSON, nullable=False),
    _flag("is_active", True),
    _moment("expires_at"),
    _moment("last_used_at"),
    _moment("created_at", null=False),
    sa.UniqueConstraint("token_hash"),
)

signing_keys = sa.Table(
    "licensekit_signing_keys",
    metadata,
    sa.Column("kid", sa.Text, primary_key=True),
    _text("algorithm"),
    _text("public_key"),
    sa.Column("private_key_sealed", sa.LargeBinary, nullable=False, info=HIDDEN),
    _text("status"),
    _moment("created_at", null=False),
)
# Two programs that start together must not both make the first key.
sa.Index(
    "licensekit_signing_keys_one_active",
    signing_keys.c.status,
    unique=True,
    sqlite_where=signing_keys.c.status == "active",
    postgresql_where=signing_keys.c.status == "active",
)

idempotency = sa.Table(
    "licensekit_idempotency",
    metadata,
    sa.Column("operation", sa.Text, primary_key=True),
    sa.Column("license_id", sa.Text, primary_key=True),
    sa.Column("idempotency_key", sa.Text, primary_key=True),
    _text("body_hash"),
    _text("data", null=True),
    _moment("created_at", null=False),
)

audit = sa.Table(
    "licensekit_audit",
    metadata,
    sa.Column(
        "sequence",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    _text("event_type"),
    _text("actor_type"),
    _text("actor_id"),
    _text("resource_type"),
    _text("resource_id", null=True),
    sa.Column("metadata", sa.JSON, nullable=False),
    _text("ip_address", null=True),
    _text("request_id"),
    _moment("created_at", null=False),
    sa.Index("licensekit_audit_resource_ix", "resource_type", "resource_id"),
)
