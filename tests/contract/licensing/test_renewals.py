"""Renewing through the real SDK: an absolute end, holds that stay, an origin that stays."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.licensing.conftest import Api, Shop
from tests.contract.licensing.records import audit_rows
from tests.contract.licensing.refusals import refused

UNTIL = "2027-01-01T00:00:00Z"
LATER = "2028-01-01T00:00:00Z"


def issued(shop: Shop, license_type: str = "subscription", **fields: Any) -> str:
    fields = {"expires_at": UNTIL} | fields
    return str(shop.license(shop.policy(license_type), **fields)["license"]["id"])


def renew(shop: Shop, license_id: str, key: str = "renew-1", **body: Any) -> dict[str, Any]:
    path = {"id": license_id}
    return dict(shop.client.renew_license(path=path, body=body, idempotency_key=key)["data"])


def test_a_renewal_moves_the_end_to_the_day_that_was_given(shop: Shop) -> None:
    """The day is absolute, so the same renewal under another key changes nothing more."""
    license_id = issued(shop)

    once = renew(shop, license_id, "renew-1", expires_at=LATER)
    twice = renew(shop, license_id, "renew-2", expires_at=LATER)

    assert once["expires_at"] == twice["expires_at"] == LATER


def test_days_are_added_to_an_end_that_is_still_ahead(shop: Shop) -> None:
    """Who renews early loses nothing."""
    renewed = renew(shop, issued(shop), extend_by_days=31)

    assert renewed["expires_at"] == "2027-02-01T00:00:00Z"


def test_days_are_added_to_today_when_the_end_is_past(api: Api, shop: Shop) -> None:
    """Who comes back later gets the full time from now on, and is active again."""
    license_id = issued(shop, expires_at="2026-11-22T00:00:00Z")
    api.clock.advance(days=9)

    renewed = renew(shop, license_id, extend_by_days=1)

    assert renewed["expires_at"] == "2026-12-01T12:00:00Z"
    assert renewed["status"] == "active"


@pytest.mark.parametrize("body", [{}, {"expires_at": LATER, "extend_by_days": 1}], ids=str)
def test_a_renewal_says_its_end_in_exactly_one_way(shop: Shop, body: dict[str, Any]) -> None:
    """Neither none nor both."""
    with refused(422, "VALIDATION_ERROR", "exactly one"):
        renew(shop, issued(shop), **body)


@pytest.mark.parametrize("days", [0, -1, 10**9])
def test_days_off_the_calendar_are_refused(shop: Shop, days: int) -> None:
    """At least one day, and no more than there are."""
    with refused(422, "VALIDATION_ERROR"):
        renew(shop, issued(shop), extend_by_days=days)


@pytest.mark.parametrize("license_type", ["time_limited", "subscription", "trial"])
def test_what_ends_can_be_renewed(shop: Shop, license_type: str) -> None:
    """All three types that end."""
    assert renew(shop, issued(shop, license_type), expires_at=LATER)["expires_at"] == LATER


@pytest.mark.parametrize("license_type", ["perpetual", "consumption"])
def test_what_does_not_end_can_not_be_renewed(shop: Shop, license_type: str) -> None:
    """There is no end to move."""
    license_id = shop.license(shop.policy(license_type))["license"]["id"]

    with refused(422, "VALIDATION_ERROR", "can't be renewed"):
        renew(shop, license_id, expires_at=LATER)


def test_a_hold_survives_the_renewal(shop: Shop) -> None:
    """A suspended license gets its new end and stays suspended until it is reinstated."""
    license_id = issued(shop)
    shop.client.suspend_license(path={"id": license_id})

    renewed = renew(shop, license_id, expires_at=LATER)

    assert (renewed["status"], renewed["expires_at"]) == ("suspended", LATER)


def test_what_is_revoked_is_never_renewed(shop: Shop) -> None:
    """A revocation is permanent."""
    license_id = issued(shop)
    shop.client.revoke_license(path={"id": license_id})

    with refused(409, "CONFLICT", "revoked"):
        renew(shop, license_id, expires_at=LATER)


def test_the_renewing_order_is_noted_and_the_origin_stays(api: Api, shop: Shop) -> None:
    """Order and subscription of a renewal stand in the audit record; the license keeps its own."""
    first = shop.order("in_1", subscription_id=shop.subscription("sub_1")["id"])
    second = shop.order("in_2", subscription_id=shop.subscription("sub_2")["id"])
    license_id = issued(shop, order_id=first["id"])

    renewed = renew(shop, license_id, expires_at=LATER, order_id=second["id"])

    assert renewed["order_id"] == first["id"]
    assert renewed["subscription_id"] == first["subscription_id"]
    last = audit_rows(api, license_id)[-1]
    assert last["event_type"] == "license.renewed"
    assert last["metadata"] == {
        "expires_at": LATER,
        "previous_expires_at": UNTIL,
        "order_id": second["id"],
        "subscription_id": second["subscription_id"],
    }


def test_the_renewing_order_is_checked_all_the_same(shop: Shop) -> None:
    """It exists, is of the license's product, and belongs to the subscription that is named."""
    license_id = issued(shop)
    other = Shop.open(shop.client, f"{shop.code}-other").order()["id"]
    order = shop.order(subscription_id=shop.subscription("sub_1")["id"])["id"]
    wrong = shop.subscription("sub_2")["id"]

    with refused(404, "NOT_FOUND", "order was not found"):
        renew(shop, license_id, expires_at=LATER, order_id="unknown")
    with refused(422, "VALIDATION_ERROR", "another product"):
        renew(shop, license_id, expires_at=LATER, order_id=other)
    with refused(422, "VALIDATION_ERROR", "another subscription"):
        renew(shop, license_id, expires_at=LATER, order_id=order, subscription_id=wrong)


def test_an_unknown_license_can_not_be_renewed(shop: Shop) -> None:
    """There is nothing to move."""
    with refused(404, "NOT_FOUND", "license was not found"):
        renew(shop, "lic_unknown", expires_at=LATER)
