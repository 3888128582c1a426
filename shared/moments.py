"""Moments as Stripe, LicenseKit and people write them. Always aware UTC datetimes."""

from __future__ import annotations

from datetime import UTC, datetime


def from_unix(seconds: int) -> datetime:
    """Stripe's whole seconds since 1970 as an aware UTC datetime."""
    return datetime.fromtimestamp(seconds, UTC)


def rfc3339(moment: datetime) -> str:
    """As LicenseKit wants it: `2027-01-01T00:00:00Z`, whole seconds, UTC."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def stamp(moment: datetime | None) -> str:
    """For machines: `2027-01-01T00:00:00Z`, or "never"."""
    return "never" if moment is None else rfc3339(moment)


def day(moment: datetime | None) -> str:
    """For people: `until 2027-01-01`, or "for ever"."""
    return "for ever" if moment is None else f"until {moment.date().isoformat()}"
