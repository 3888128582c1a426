"""What installed copies ask, through the SDK's runtime client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from licensekit import RuntimeClient

from tests.contract.licensing.conftest import Api, Shop
from tests.contract.licensing.records import set_policy
from tests.contract.licensing.refusals import refused

LAPTOP = {"fingerprint": "laptop", "hostname": "ada.local", "os": "linux"}
POD = {"is_container": True, "cluster_id": "eu", "pod_name": "editor-0"}

OpenCopy = Callable[[dict[str, Any]], RuntimeClient]


@pytest.fixture
def copy_of(api: Api) -> Iterator[OpenCopy]:
    """Opens the runtime client of an issued license."""
    with ExitStack() as stack:
        yield lambda issued: stack.enter_context(api.runtime(issued["license_key"]))


@pytest.fixture
def issued(shop: Shop) -> dict[str, Any]:
    """A license that ends in a month, and its key."""
    return shop.license(shop.policy(), expires_at="2026-12-21T12:00:00Z")


@pytest.fixture
def copy(issued: dict[str, Any], copy_of: OpenCopy) -> RuntimeClient:
    """The installed copy that has that key."""
    return copy_of(issued)


def activate(copy: RuntimeClient, key: str = "a", **binding: Any) -> dict[str, Any]:
    body = binding or LAPTOP
    return dict(copy.activate_license(body=body, idempotency_key=key)["data"])


def deactivate(copy: RuntimeClient, key: str = "d") -> dict[str, Any]:
    return dict(copy.deactivate_license(body=LAPTOP, idempotency_key=key)["data"])


def shown(shop: Shop, issued: dict[str, Any]) -> dict[str, Any]:
    return dict(shop.client.get_license(path={"id": issued["license"]["id"]})["data"])


def test_an_activated_device_learns_what_it_may(
    copy: RuntimeClient, issued: dict[str, Any]
) -> None:
    """License, type, end, and when to ask again: a day later unless the policy says otherwise."""
    entitlement = activate(copy)

    assert entitlement["license_id"] == issued["license"]["id"]
    assert entitlement["device_id"].startswith("dev_")
    assert entitlement["status"] == "active"
    assert entitlement["license_type"] == "subscription"
    assert entitlement["issued_at"] == "2026-11-21T12:00:00Z"
    assert entitlement["next_check_at"] == "2026-11-22T12:00:00Z"
    assert entitlement["expires_at"] == "2026-12-21T12:00:00Z"
    assert entitlement["features"] == []


def test_activating_again_takes_no_second_seat(
    copy: RuntimeClient, shop: Shop, issued: dict[str, Any]
) -> None:
    """The same device is the same seat; another device is another one."""
    first, again = activate(copy, "a"), activate(copy, "b")
    activate(copy, "c", **POD)

    assert first["device_id"] == again["device_id"]
    assert shown(shop, issued)["active_device_count"] == 2
    assert shown(shop, issued)["times_activated"] == 2


def test_a_seat_that_is_left_can_be_taken_again(
    copy: RuntimeClient, shop: Shop, issued: dict[str, Any]
) -> None:
    """Deactivating frees the seat; the same device may come back later."""
    before = activate(copy, "a")
    left = deactivate(copy)

    assert left["device_id"] == before["device_id"]
    assert shown(shop, issued)["active_device_count"] == 0
    with refused(404, "NOT_FOUND", "device"):
        deactivate(copy, "d-2")
    assert activate(copy, "b")["device_id"] == before["device_id"]
    assert shown(shop, issued)["active_device_count"] == 1


def test_only_a_seated_device_is_valid(copy: RuntimeClient) -> None:
    """Validate and check answer a device that was activated, and no other."""
    activate(copy)

    for ask in (copy.validate_license, copy.check_license):
        assert ask(body=LAPTOP)["data"]["status"] == "active"
        with refused(404, "NOT_FOUND", "device"):
            ask(body={"fingerprint": "another"})


def test_a_full_license_takes_no_further_device(
    api: Api, copy: RuntimeClient, issued: dict[str, Any]
) -> None:
    """The policy's limit counts active devices; a seated one may still activate again."""
    set_policy(api, issued["license"]["policy_id"], max_activations=1)
    activate(copy, "a")

    with refused(403, "ACTIVATION_LIMIT_EXCEEDED", "1 active devices"):
        activate(copy, "b", fingerprint="another")
    activate(copy, "c")
    deactivate(copy)
    activate(copy, "d", fingerprint="another")


@pytest.mark.parametrize(
    ("rule", "binding"),
    [("allow_vm", LAPTOP | {"is_vm": True}), ("allow_container", POD)],
    ids=["virtual machine", "container"],
)
def test_a_policy_may_exclude_a_kind_of_device(
    api: Api, copy: RuntimeClient, issued: dict[str, Any], rule: str, binding: dict[str, Any]
) -> None:
    """Virtual machines and containers are allowed unless the policy forbids them."""
    set_policy(api, issued["license"]["policy_id"], **{rule: False})
    with refused(403, "POLICY_FORBIDS"):
        activate(copy, "a", **binding)

    set_policy(api, issued["license"]["policy_id"], **{rule: True})
    activate(copy, "a", **binding)


def test_a_copy_stops_when_its_license_has_expired(api: Api, copy: RuntimeClient) -> None:
    """From that moment no device is activated or validated; leaving is allowed."""
    activate(copy)
    api.clock.advance(days=30)

    for ask in (copy.validate_license, copy.check_license):
        with refused(403, "LICENSE_EXPIRED"):
            ask(body=LAPTOP)
    with refused(403, "LICENSE_EXPIRED"):
        activate(copy, "b", fingerprint="another")
    assert deactivate(copy)["status"] == "expired"


def test_a_copy_runs_on_in_its_grace_period(api: Api, shop: Shop, copy_of: OpenCopy) -> None:
    """Grace is time to pay and not a stop."""
    policy_id = shop.policy("time_limited")
    set_policy(api, policy_id, grace_period_days=7)
    copy = copy_of(shop.license(policy_id, expires_at="2026-11-22T12:00:00Z"))
    activate(copy)
    api.clock.advance(days=2)

    assert copy.validate_license(body=LAPTOP)["data"]["status"] == "grace_period"


def test_a_held_or_revoked_license_is_inactive(
    shop: Shop, copy: RuntimeClient, issued: dict[str, Any]
) -> None:
    """A hold stops the copy until it is lifted; a revocation does for good."""
    path = {"id": issued["license"]["id"]}
    activate(copy)

    shop.client.suspend_license(path=path)
    with refused(403, "LICENSE_INACTIVE", "suspended"):
        copy.validate_license(body=LAPTOP)
    shop.client.reinstate_license(path=path)
    assert copy.validate_license(body=LAPTOP)["data"]["status"] == "active"
    shop.client.revoke_license(path=path)
    with refused(403, "LICENSE_INACTIVE", "revoked"):
        copy.validate_license(body=LAPTOP)


def test_a_license_that_starts_later_waits(api: Api, shop: Shop, copy_of: OpenCopy) -> None:
    """Before starts_at it is inactive; from then on it works."""
    starts_at = "2026-12-01T12:00:00Z"
    copy = copy_of(shop.license(shop.policy("perpetual"), starts_at=starts_at))
    with refused(403, "LICENSE_INACTIVE", "not started"):
        activate(copy)

    api.clock.advance(days=10)
    assert activate(copy)["status"] == "active"


@pytest.mark.parametrize(
    "binding",
    [
        {"os": "linux"},
        {"fingerprint": ""},
        {"is_container": True, "fingerprint": "laptop"},
        {"fingerprint": "laptop", "pod_name": "editor-0"},
        {"fingerprint": "f" * 513},
    ],
    ids=["no fingerprint", "empty", "container without a place", "place without one", "too long"],
)
def test_a_device_must_be_named(copy: RuntimeClient, binding: dict[str, Any]) -> None:
    """Hardware by its fingerprint, a container by at least one of its places."""
    with refused(422, "VALIDATION_ERROR"):
        activate(copy, "a", **binding)


def test_a_copy_sees_its_features(
    api: Api, shop: Shop, copy: RuntimeClient, issued: dict[str, Any]
) -> None:
    """Each with its quota where it has one; a feature that ended is no longer enabled."""
    for code, fields in (
        ("export", {"max_consumptions": 10}),
        ("share", {"expires_at": "2026-11-22T00:00:00Z"}),
    ):
        made = shop.client.create_feature(
            path={"id": shop.product_id}, body={"name": code, "code": code}
        )
        shop.client.assign_license_feature(
            path={"id": issued["license"]["id"]},
            body={"feature_id": made["data"]["id"]} | fields,
        )

    export = {"code": "export", "enabled": True, "quota": 10, "consumed": 0, "remaining": 10}
    assert activate(copy)["features"] == [{"code": "share", "enabled": True}, export]
    api.clock.advance(days=1)
    ended = {"code": "share", "enabled": False}
    assert copy.check_license(body=LAPTOP)["data"]["features"] == [ended, export]
