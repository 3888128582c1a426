"""Suspending, reinstating and revoking through the real SDK."""

from __future__ import annotations

import pytest

from tests.contract.licensing.conftest import Api, Shop
from tests.contract.licensing.records import audit_trail
from tests.contract.licensing.refusals import refused


@pytest.fixture
def license_id(shop: Shop) -> str:
    """A license that ends in a month."""
    issued = shop.license(shop.policy(), expires_at="2026-12-21T00:00:00Z")
    return str(issued["license"]["id"])


def test_a_hold_is_put_on_and_lifted(shop: Shop, license_id: str) -> None:
    """Suspended, then active again, with the same end."""
    path = {"id": license_id}

    held = shop.client.suspend_license(path=path)["data"]
    free = shop.client.reinstate_license(path=path)["data"]

    assert (held["status"], free["status"]) == ("suspended", "active")
    assert held["expires_at"] == free["expires_at"]


def test_doing_it_twice_is_the_same_as_once(api: Api, shop: Shop, license_id: str) -> None:
    """A second suspend, reinstate or revoke answers 200 and changes nothing."""
    path = {"id": license_id}
    for act in (
        shop.client.suspend_license,
        shop.client.reinstate_license,
        shop.client.revoke_license,
    ):
        assert act(path=path)["data"] == act(path=path)["data"]

    assert audit_trail(api, license_id) == [
        "license.created",
        "license.suspended",
        "license.reinstated",
        "license.revoked",
    ]


def test_a_hold_on_an_expired_license_hides_nothing(api: Api, shop: Shop, license_id: str) -> None:
    """It shows as suspended; lifted, it is what it was: expired."""
    path = {"id": license_id}
    api.clock.advance(days=60)

    assert shop.client.suspend_license(path=path)["data"]["status"] == "suspended"
    assert shop.client.reinstate_license(path=path)["data"]["status"] == "expired"


def test_a_revocation_is_permanent(shop: Shop, license_id: str) -> None:
    """Afterwards a hold can neither be put on nor lifted."""
    path = {"id": license_id}
    shop.client.revoke_license(path=path)

    with refused(409, "CONFLICT", "permanent"):
        shop.client.suspend_license(path=path)
    with refused(409, "CONFLICT", "permanent"):
        shop.client.reinstate_license(path=path)
    assert shop.client.get_license(path=path)["data"]["status"] == "revoked"


def test_a_revocation_clears_the_seats(api: Api, shop: Shop) -> None:
    """No device stays on a revoked license."""
    issued = shop.license(shop.policy("perpetual"))
    with api.runtime(issued["license_key"]) as copy:
        copy.activate_license(body={"fingerprint": "laptop"}, idempotency_key="a")

    revoked = shop.client.revoke_license(path={"id": issued["license"]["id"]})["data"]

    assert revoked["active_device_count"] == 0
    assert revoked["times_activated"] == 1


def test_every_change_raises_the_version_of_the_entitlement(shop: Shop, license_id: str) -> None:
    """Installed copies can tell by one number that something changed."""
    path = {"id": license_id}

    versions = [
        act(path=path)["data"]["entitlement_version"]
        for act in (
            shop.client.get_license,
            shop.client.suspend_license,
            shop.client.suspend_license,
            shop.client.reinstate_license,
            shop.client.revoke_license,
        )
    ]

    assert versions == [1, 2, 2, 3, 4]


def test_an_unknown_license_can_not_be_held(shop: Shop) -> None:
    """All three say that it is not found."""
    path = {"id": "lic_unknown"}

    for act in (
        shop.client.suspend_license,
        shop.client.reinstate_license,
        shop.client.revoke_license,
    ):
        with refused(404, "NOT_FOUND", "license was not found"):
            act(path=path)
