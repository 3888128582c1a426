"""When does a license end, and what is its status now? Pure rules; rows are read elsewhere.

Source: licensekit.dev/docs/licensing-models and /docs/runtime/license-lifecycle.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from licensing.errors import invalid

RENEWABLE = ("subscription", "time_limited", "trial")  # these need an explicit expires_at, too
STATUSES = ("active", "suspended", "expired", "revoked", "grace_period")


def status_at(row: Mapping[str, Any], now: datetime) -> str:
    """A hold or a revocation outlives the end date; an end reached is grace first, then expired.

    The moment of `expires_at` itself no longer counts as active.
    """
    if row["status"] != "active" or row["expires_at"] is None or now < row["expires_at"]:
        return str(row["status"])
    return "grace_period" if now < row["grace_ends_at"] else "expired"


def grace_ends_at(expires_at: datetime | None, grace_period_days: int) -> datetime | None:
    """When grace runs out: the policy's days, as they stood when the end was set."""
    if expires_at is None:
        return None
    try:
        return expires_at + timedelta(days=grace_period_days)
    except OverflowError:
        return expires_at


def require_terms(license_type: str, values: Mapping[str, Any]) -> None:
    """Which end dates a new license needs and which it can't have. Raises a 422."""
    expires_at = values.get("expires_at")
    if license_type in RENEWABLE and expires_at is None:
        raise invalid(f"expires_at is required for a {license_type} license")
    if license_type == "perpetual" and expires_at is not None:
        raise invalid("a perpetual license has no expires_at")
    if license_type != "perpetual" and "maintenance_expires_at" in values:
        raise invalid("maintenance_expires_at is only for perpetual licenses")
    starts_at = values.get("starts_at")
    if starts_at and expires_at and expires_at <= starts_at:
        raise invalid("expires_at must be after starts_at")


def renewed_until(
    license_type: str, current: datetime | None, values: Mapping[str, Any], now: datetime
) -> datetime:
    """The new end: as given, or so many days after the current end, or after now when it is past.

    Raises a 422 for a type that can't be renewed and unless exactly one of both is given.
    """
    if license_type not in RENEWABLE:
        raise invalid(f"a {license_type} license can't be renewed")
    if ("expires_at" in values) == ("extend_by_days" in values):
        raise invalid("exactly one of expires_at and extend_by_days is required")
    if "expires_at" in values:
        moment: datetime = values["expires_at"]
        return moment
    start = current if current is not None and current > now else now
    try:
        return start + timedelta(days=values["extend_by_days"])
    except OverflowError:
        raise invalid("extend_by_days leads off the calendar") from None
