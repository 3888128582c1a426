"""The request bodies of the contract, field for field. What they mean is decided elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from licensing.errors import invalid

LicenseType = Literal["perpetual", "time_limited", "subscription", "trial", "consumption"]
SubscriptionStatus = Literal["trialing", "active", "past_due", "paused", "canceled"]
OrderStatus = Literal["pending", "paid", "fulfilled", "canceled", "refunded"]
ManagementScope = Literal[
    "admin",
    "product:read",
    "product:write",
    "license:read",
    "license:write",
    "device:write",
    "event:read",
    "ops:read",
    "report:read",
    "report:export",
    "webhook:write",
]

FIRST_YEAR = 1970  # nothing was licensed before; also keeps every zone within the calendar
# 255 characters: three of them in one index entry stay below PostgreSQL's 2,704 bytes
Name = Annotated[str, Meta(min_length=1, max_length=255)]
Count = Annotated[int, Meta(ge=0, le=2**53)]  # 2**53: exact in every JSON reader
Minutes = Annotated[int, Meta(ge=1, le=2**53)]
Days = Annotated[int, Meta(ge=1, le=366_000)]  # a thousand years: the calendar itself ends
Time = Annotated[datetime, Meta(tz=True)]
Facts = dict[str, Any]


class Body(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A field left out is UNSET and never None: the contract knows no null."""


class ProductCreate(Body, frozen=True, kw_only=True):
    name: Name
    code: Name
    metadata: Facts | UnsetType = UNSET


class ProductUpdate(Body, frozen=True, kw_only=True):
    name: Name | UnsetType = UNSET
    code: Name | UnsetType = UNSET
    metadata: Facts | UnsetType = UNSET


class PolicyCreate(ProductCreate, frozen=True, kw_only=True):
    license_type: LicenseType
    max_floating_users: Count | UnsetType = UNSET
    floating_timeout_minutes: Minutes | UnsetType = UNSET
    require_heartbeat: bool | UnsetType = UNSET


class PolicyUpdate(ProductUpdate, frozen=True, kw_only=True):
    license_type: LicenseType | UnsetType = UNSET
    max_floating_users: Count | UnsetType = UNSET
    floating_timeout_minutes: Minutes | UnsetType = UNSET
    require_heartbeat: bool | UnsetType = UNSET


class FeatureCreate(ProductCreate, frozen=True, kw_only=True):
    pass


class CustomerCreate(ProductCreate, frozen=True, kw_only=True):
    email: str | UnsetType = UNSET


class CustomerUpdate(ProductUpdate, frozen=True, kw_only=True):
    email: str | UnsetType = UNSET


class ApiKeyCreate(Body, frozen=True, kw_only=True):
    name: Name
    scopes: list[ManagementScope] | UnsetType = UNSET
    allowed_cidrs: list[str] | UnsetType = UNSET
    expires_at: Time | UnsetType = UNSET


class SubscriptionUpdate(Body, frozen=True, kw_only=True):
    customer_id: str | UnsetType = UNSET
    external_system: Name | UnsetType = UNSET
    external_id: Name | UnsetType = UNSET
    status: SubscriptionStatus | UnsetType = UNSET
    current_period_start: Time | UnsetType = UNSET
    current_period_end: Time | UnsetType = UNSET
    cancel_at_period_end: bool | UnsetType = UNSET
    canceled_at: Time | UnsetType = UNSET
    metadata: Facts | UnsetType = UNSET


class SubscriptionCreate(SubscriptionUpdate, frozen=True, kw_only=True):
    external_system: Name
    external_id: Name
    status: SubscriptionStatus
    current_period_start: Time
    current_period_end: Time


class OrderUpdate(Body, frozen=True, kw_only=True):
    customer_id: str | UnsetType = UNSET
    subscription_id: str | UnsetType = UNSET
    external_system: Name | UnsetType = UNSET
    external_id: Name | UnsetType = UNSET
    status: OrderStatus | UnsetType = UNSET
    period_start: Time | UnsetType = UNSET
    period_end: Time | UnsetType = UNSET
    metadata: Facts | UnsetType = UNSET


class OrderCreate(OrderUpdate, frozen=True, kw_only=True):
    external_system: Name
    external_id: Name
    status: OrderStatus


class LicenseCreate(Body, frozen=True, kw_only=True):
    product_id: str
    policy_id: str
    customer_id: str | UnsetType = UNSET
    order_id: str | UnsetType = UNSET
    subscription_id: str | UnsetType = UNSET
    customer_email: str | UnsetType = UNSET
    customer_name: str | UnsetType = UNSET
    starts_at: Time | UnsetType = UNSET
    expires_at: Time | UnsetType = UNSET
    maintenance_expires_at: Time | UnsetType = UNSET
    metadata: Facts | UnsetType = UNSET


class LicenseRenew(Body, frozen=True, kw_only=True):
    expires_at: Time | UnsetType = UNSET
    extend_by_days: Days | UnsetType = UNSET
    order_id: str | UnsetType = UNSET
    subscription_id: str | UnsetType = UNSET


class LicenseTransfer(Body, frozen=True, kw_only=True):
    customer_id: str | UnsetType = UNSET
    customer_email: str | UnsetType = UNSET
    customer_name: str | UnsetType = UNSET
    reset_devices: bool | UnsetType = UNSET


class FeatureAssign(Body, frozen=True, kw_only=True):
    feature_id: str
    enabled: bool | UnsetType = UNSET
    max_consumptions: Count | UnsetType = UNSET
    expires_at: Time | UnsetType = UNSET
    metadata: Facts | UnsetType = UNSET


class Binding(Body, frozen=True, kw_only=True):
    fingerprint: str | UnsetType = UNSET
    hostname: str | UnsetType = UNSET
    os: str | UnsetType = UNSET
    is_vm: bool | UnsetType = UNSET
    is_container: bool | UnsetType = UNSET
    container_id: str | UnsetType = UNSET
    cluster_id: str | UnsetType = UNSET
    namespace: str | UnsetType = UNSET
    pod_name: str | UnsetType = UNSET
    app_version: str | UnsetType = UNSET


def given(body: Body) -> dict[str, Any]:
    """The fields that were sent, moments in UTC. Raises a 422 for a moment off the calendar."""
    sent = ((name, getattr(body, name)) for name in body.__struct_fields__)
    return {name: _in_utc(name, value) for name, value in sent if value is not UNSET}


def linked(values: dict[str, Any], *names: str) -> dict[str, Any]:
    """The same values, where an empty id in one of `names` means no link."""
    return values | {name: values[name] or None for name in names if name in values}


def _in_utc(name: str, value: object) -> object:
    if not isinstance(value, datetime):
        return value
    try:
        moment = value.astimezone(UTC)
    except OverflowError:
        raise invalid(f"{name} is off the calendar") from None
    if moment.year < FIRST_YEAR:
        raise invalid(f"{name} is before {FIRST_YEAR}")
    return moment
