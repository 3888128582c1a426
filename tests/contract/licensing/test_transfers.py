"""Transfers through the real SDK: another assignee, freed devices, or both."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.licensing.conftest import Api, Shop
from tests.contract.licensing.records import set_policy
from tests.contract.licensing.refusals import refused


def transfer(shop: Shop, license_id: str, key: str = "move-1", **body: Any) -> dict[str, Any]:
    path = {"id": license_id}
    return dict(shop.client.transfer_license(path=path, body=body, idempotency_key=key)["data"])


@pytest.fixture
def license_id(shop: Shop) -> str:
    """A license of nobody."""
    return str(shop.license(shop.policy("perpetual"))["license"]["id"])


def test_a_license_moves_to_another_customer(shop: Shop, license_id: str) -> None:
    """The assignee changes and the move is counted; the rest stays."""
    customer_id = shop.customer()

    moved = transfer(
        shop, license_id, customer_id=customer_id, customer_name="Ada", customer_email="a@b.test"
    )

    assert moved["customer_id"] == customer_id
    assert (moved["customer_name"], moved["customer_email"]) == ("Ada", "a@b.test")
    assert moved["times_transferred"] == 1


def test_an_empty_id_takes_the_customer_away(shop: Shop, license_id: str) -> None:
    """customer_id "" clears the link."""
    transfer(shop, license_id, "move-1", customer_id=shop.customer())

    moved = transfer(shop, license_id, "move-2", customer_id="")

    assert "customer_id" not in moved


def test_a_transfer_may_only_free_the_devices(api: Api, shop: Shop) -> None:
    """reset_devices clears the seats and is no move of the license."""
    issued = shop.license(shop.policy("perpetual"))
    with api.runtime(issued["license_key"]) as copy:
        copy.activate_license(body={"fingerprint": "laptop"}, idempotency_key="a")
        freed = transfer(shop, issued["license"]["id"], reset_devices=True)

        assert (freed["active_device_count"], freed["times_transferred"]) == (0, 0)
        with refused(404, "NOT_FOUND", "device"):
            copy.validate_license(body={"fingerprint": "laptop"})


@pytest.mark.parametrize("body", [{}, {"reset_devices": False}], ids=str)
def test_a_transfer_must_change_something(
    shop: Shop, license_id: str, body: dict[str, Any]
) -> None:
    """At least one ownership field, or reset_devices."""
    with refused(422, "VALIDATION_ERROR", "at least one"):
        transfer(shop, license_id, **body)


def test_a_license_never_moves_to_nobody_we_know(shop: Shop, license_id: str) -> None:
    """An unknown customer is not found."""
    with refused(404, "NOT_FOUND", "customer was not found"):
        transfer(shop, license_id, customer_id="cust_unknown")


def test_a_revoked_license_stays_where_it_is(shop: Shop, license_id: str) -> None:
    """A revocation is permanent."""
    shop.client.revoke_license(path={"id": license_id})

    with refused(409, "CONFLICT", "revoked"):
        transfer(shop, license_id, customer_name="Ada")


def test_a_policy_may_limit_the_moves(api: Api, shop: Shop, license_id: str) -> None:
    """Once they are used up the license stays; freeing devices is still allowed."""
    path = {"id": license_id}
    policy_id = shop.client.get_license(path=path)["data"]["policy_id"]
    set_policy(api, policy_id, max_transfers=1)
    transfer(shop, license_id, "move-1", customer_name="Ada")

    with refused(409, "CONFLICT", "allows 1 transfers"):
        transfer(shop, license_id, "move-2", customer_name="Grace")
    assert transfer(shop, license_id, "move-3", reset_devices=True)["customer_name"] == "Ada"
