"""The devices of a license through the real SDK."""

from __future__ import annotations

import pytest
from licensekit import ApiError

from tests.contract.licensing.conftest import Api, Shop


def test_the_devices_of_a_license_are_listed_newest_first(shop: Shop, api: Api) -> None:
    """With their state: one that was let go stays in the list, without its seat."""
    policy = shop.policy("perpetual")
    made, other = shop.license(policy), shop.license(policy)
    path = {"id": made["license"]["id"]}
    with api.runtime(made["license_key"]) as copy:
        for name in ("laptop", "desktop"):
            copy.activate_license(body={"fingerprint": name}, idempotency_key=name)
        copy.deactivate_license(body={"fingerprint": "laptop"}, idempotency_key="gone")

    listed = shop.client.list_license_devices(path=path)["data"]

    assert [(one["fingerprint"], one["status"]) for one in listed] == [
        ("desktop", "active"),
        ("laptop", "deactivated"),
    ]
    assert {one["license_id"] for one in listed} == {path["id"]}
    assert shop.client.list_license_devices(path={"id": other["license"]["id"]})["data"] == []


def test_the_devices_of_an_unknown_license_are_not_found(shop: Shop) -> None:
    """404, so that nobody takes it for a license without devices."""
    with pytest.raises(ApiError) as caught:
        shop.client.list_license_devices(path={"id": "lic_unknown"})

    assert caught.value.status == 404
