"""When a license ends and what its status is, as pure rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.errors import Refusal
from licensing.terms import RENEWABLE, grace_ends_at, renewed_until, require_terms, status_at

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MOMENTS = st.integers(-(10**7), 10**7).map(lambda minutes: NOW + timedelta(minutes=minutes))


def a_license(status: str, expires_at: datetime | None, grace_days: int = 0) -> dict[str, Any]:
    grace = grace_ends_at(expires_at, grace_days)
    return {"status": status, "expires_at": expires_at, "grace_ends_at": grace}


@pytest.mark.parametrize(
    ("status", "expires_at", "grace_days", "shown"),
    [
        ("active", None, 0, "active"),
        ("active", NOW + DAY, 0, "active"),
        ("active", NOW, 0, "expired"),
        ("active", NOW - DAY, 0, "expired"),
        ("active", NOW - DAY, 2, "grace_period"),
        ("active", NOW - DAY, 1, "expired"),
        ("suspended", None, 0, "suspended"),
        ("suspended", NOW - DAY, 2, "suspended"),
        ("revoked", NOW + DAY, 0, "revoked"),
        ("revoked", NOW - DAY, 0, "revoked"),
    ],
)
def test_the_status_follows_from_the_row_and_the_clock(
    status: str, expires_at: datetime | None, grace_days: int, shown: str
) -> None:
    """A hold or revocation outlives the end; an end reached is grace first, then expired."""
    assert status_at(a_license(status, expires_at, grace_days), NOW) == shown


@given(expires_at=MOMENTS, now=MOMENTS, later=MOMENTS, grace_days=st.integers(0, 90))
def test_time_alone_never_makes_a_license_better(
    expires_at: datetime, now: datetime, later: datetime, grace_days: int
) -> None:
    """Active, then grace, then expired: waiting moves only forward."""
    order = ["active", "grace_period", "expired"]
    row = a_license("active", expires_at, grace_days)

    first, second = sorted((now, later))

    assert order.index(status_at(row, first)) <= order.index(status_at(row, second))


def test_grace_at_the_end_of_the_calendar_is_no_grace() -> None:
    """The last day there is has no day after it."""
    last = datetime.max.replace(tzinfo=UTC)

    assert grace_ends_at(last, 7) == last
    assert grace_ends_at(None, 7) is None


@pytest.mark.parametrize("license_type", RENEWABLE)
def test_days_count_from_the_end_or_from_today_whichever_is_later(license_type: str) -> None:
    """Renewing early loses nothing; renewing late gives nothing for the time between."""
    body = {"extend_by_days": 1}

    assert renewed_until(license_type, NOW + DAY, body, NOW) == NOW + 2 * DAY
    assert renewed_until(license_type, NOW - DAY, body, NOW) == NOW + DAY
    assert renewed_until(license_type, None, body, NOW) == NOW + DAY


@given(until=MOMENTS, current=MOMENTS)
def test_an_absolute_end_is_taken_as_it_is(until: datetime, current: datetime) -> None:
    """Whatever stood there before: so the same renewal twice is the same as once."""
    assert renewed_until("subscription", current, {"expires_at": until}, NOW) == until


@given(current=MOMENTS, now=MOMENTS, days=st.integers(1, 366_000))
def test_a_renewal_by_days_always_lies_ahead(current: datetime, now: datetime, days: int) -> None:
    """After it the license is active."""
    until = renewed_until("trial", current, {"extend_by_days": days}, now)

    assert until >= max(now, current) + DAY


def test_a_renewal_does_not_lead_off_the_calendar() -> None:
    """Past the year 9999 there is no day to name."""
    last = datetime.max.replace(tzinfo=UTC)

    with pytest.raises(Refusal, match="off the calendar") as caught:
        renewed_until("trial", last, {"extend_by_days": 1}, NOW)
    assert caught.value.status == 422


@pytest.mark.parametrize("license_type", ["perpetual", "consumption"])
def test_only_what_ends_can_be_renewed(license_type: str) -> None:
    """The type decides, before anything else is looked at."""
    with pytest.raises(Refusal, match=f"a {license_type} license can't be renewed"):
        renewed_until(license_type, None, {}, NOW)


@pytest.mark.parametrize("body", [{}, {"expires_at": NOW, "extend_by_days": 1}])
def test_a_renewal_names_its_end_once(body: dict[str, Any]) -> None:
    """Neither no end nor two."""
    with pytest.raises(Refusal, match="exactly one"):
        renewed_until("trial", None, body, NOW)


@pytest.mark.parametrize(
    ("license_type", "values", "complaint"),
    [
        ("subscription", {}, "expires_at is required for a subscription license"),
        ("time_limited", {}, "expires_at is required"),
        ("trial", {}, "expires_at is required"),
        ("perpetual", {"expires_at": NOW}, "no expires_at"),
        ("trial", {"expires_at": NOW, "maintenance_expires_at": NOW}, "only for perpetual"),
        ("consumption", {"maintenance_expires_at": NOW}, "only for perpetual"),
        ("trial", {"starts_at": NOW, "expires_at": NOW}, "after starts_at"),
    ],
)
def test_terms_that_do_not_fit_the_type_are_refused(
    license_type: str, values: dict[str, Any], complaint: str
) -> None:
    """Each type has the dates it needs and no others."""
    with pytest.raises(Refusal, match=complaint) as caught:
        require_terms(license_type, values)
    assert caught.value.code == "VALIDATION_ERROR"


@pytest.mark.parametrize(
    ("license_type", "values"),
    [
        ("subscription", {"expires_at": NOW}),
        ("perpetual", {}),
        ("perpetual", {"maintenance_expires_at": NOW, "starts_at": NOW}),
        ("consumption", {}),
        ("consumption", {"expires_at": NOW}),
        ("trial", {"starts_at": NOW - DAY, "expires_at": NOW}),
    ],
)
def test_terms_that_fit_the_type_are_taken(license_type: str, values: dict[str, Any]) -> None:
    """An end in the past is allowed: it is a fact of the shop. What was given stays as it is."""
    given = dict(values)

    require_terms(license_type, values)

    assert values == given
