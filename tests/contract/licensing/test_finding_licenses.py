"""Listing licenses through the real SDK: every filter, and statuses that follow the clock."""

from __future__ import annotations

from typing import Any

import pytest
from licensekit import ManagementClient

from tests.contract.licensing.conftest import Api, Shop
from tests.contract.licensing.records import set_policy
from tests.contract.licensing.refusals import refused

STATUSES = ("active", "suspended", "expired", "revoked", "grace_period")


def found(shop: Shop, **query: Any) -> list[str]:
    rows = shop.client.list_licenses(query={"product_id": shop.product_id} | query)["data"]
    return [row["id"] for row in rows]


@pytest.mark.parametrize("link", ["policy_id", "customer_id", "order_id", "subscription_id"])
def test_licenses_are_found_by_what_they_belong_to(shop: Shop, link: str) -> None:
    """Each link is a filter of its own."""
    links = {
        "policy_id": shop.policy("perpetual"),
        "customer_id": shop.customer(),
        "order_id": shop.order()["id"],
        "subscription_id": shop.subscription()["id"],
    }
    wanted = shop.license(**links)["license"]["id"]
    shop.license(shop.policy("perpetual", code="other"))

    assert found(shop, **{link: links[link]}) == [wanted]
    assert found(shop, **{link: "unknown"}) == []


def test_filters_count_together(shop: Shop) -> None:
    """A license must match all of them."""
    policy_id, customer_id = shop.policy("perpetual"), shop.customer()
    shop.license(policy_id)
    both = shop.license(policy_id, customer_id=customer_id)["license"]["id"]

    assert found(shop, policy_id=policy_id, customer_id=customer_id) == [both]


def test_licenses_are_found_by_the_day_they_end(shop: Shop) -> None:
    """expires_before and expires_after leave out the moment itself and what never ends."""
    policy_id = shop.policy()
    shop.license(shop.policy("perpetual"))
    march, may = (
        shop.license(policy_id, expires_at=f"2027-{month}-01T00:00:00Z")["license"]["id"]
        for month in ("03", "05")
    )

    assert found(shop, expires_before="2027-04-01T00:00:00Z") == [march]
    assert found(shop, expires_after="2027-04-01T02:00:00+02:00") == [may]
    assert found(shop, expires_after="2027-03-01T00:00:00Z") == [may]
    assert found(shop, expires_before="2027-03-01T00:00:00Z") == []


def test_a_license_expires_when_its_day_has_come(api: Api, shop: Shop) -> None:
    """Nobody writes the status: it follows from the clock, in the license and in the list."""
    issued = shop.license(shop.policy(), expires_at="2026-11-22T12:00:00Z")["license"]
    assert found(shop, status="active") == [issued["id"]]

    api.clock.advance(days=1)

    assert shop.client.get_license(path={"id": issued["id"]})["data"]["status"] == "expired"
    assert found(shop, status="expired") == [issued["id"]]
    assert found(shop, status="active") == []


def test_grace_comes_between_active_and_expired(api: Api, shop: Shop) -> None:
    """With a policy's days of grace a license that ended is in its grace period first."""
    issued = _with_grace(api, shop, days=7)

    api.clock.advance(days=1)
    assert found(shop, status="grace_period") == [issued["id"]]

    api.clock.advance(days=7)
    assert found(shop, status="expired") == [issued["id"]]


def test_the_list_and_the_license_always_agree_on_the_status(api: Api, shop: Shop) -> None:
    """At any moment each license is found under the status it shows, and under no other."""
    kept = _with_grace(api, shop, days=2)
    suspended, revoked = (_with_grace(api, shop, days=2, code=code) for code in "ab")
    shop.license(shop.policy("perpetual", code="p"))
    shop.client.suspend_license(path={"id": suspended["id"]})
    shop.client.revoke_license(path={"id": revoked["id"]})

    for _ in range(5):
        rows = shop.client.list_licenses(query={"product_id": shop.product_id})["data"]
        for status in STATUSES:
            assert found(shop, status=status) == [
                row["id"] for row in rows if row["status"] == status
            ]
        api.clock.advance(hours=23, minutes=59, seconds=59.999999)
    assert shop.client.get_license(path={"id": kept["id"]})["data"]["status"] == "expired"


@pytest.mark.parametrize(
    "query",
    [
        {"status": "gone"},
        {"expires_before": "tomorrow"},
        {"expires_after": "2027-01-01T00:00:00"},
        {"limit": "0"},
        {"limit": "ten"},
        {"limit": "-1"},
        {"customer_id": "\x00"},
    ],
    ids=str,
)
def test_a_filter_that_can_not_be_read_is_refused(
    client: ManagementClient, query: dict[str, str]
) -> None:
    """A mistake in a filter is an error and never a longer list."""
    with refused(400, "INVALID_QUERY", next(iter(query))):
        client.list_licenses(query=query)


def test_a_list_has_fifty_rows_unless_asked_and_two_hundred_at_most(
    client: ManagementClient, shop: Shop
) -> None:
    """A larger limit is no mistake: it is clamped."""
    for number in range(201):
        shop.order(f"in_{number}")
    path = {"id": shop.product_id}

    assert len(client.list_product_orders(path=path)["data"]) == 50
    for limit, rows in (("7", 7), ("201", 200), ("9" * 30, 200)):
        query = {"limit": limit}
        assert len(client.list_product_orders(path=path, query=query)["data"]) == rows


def _with_grace(api: Api, shop: Shop, *, days: int, code: str = "g") -> dict[str, Any]:
    """A license that ends in a day. No operation writes the grace, so the row is changed."""
    policy_id = shop.policy(code=code)
    set_policy(api, policy_id, grace_period_days=days)
    issued = shop.license(policy_id, expires_at="2026-11-22T12:00:00Z")["license"]
    return dict(issued)
