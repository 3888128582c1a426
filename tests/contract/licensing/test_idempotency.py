"""The same keyed call twice is done once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.contract.licensing.conftest import ADMIN_TOKEN, Api, Shop
from tests.contract.licensing.records import audit_trail
from tests.contract.licensing.refusals import refused

LAPTOP = {"fingerprint": "laptop"}


@pytest.fixture
def license_id(shop: Shop) -> str:
    """A license that ends at the end of the year."""
    issued = shop.license(shop.policy(), expires_at="2027-01-01T00:00:00Z")
    return str(issued["license"]["id"])


def extend(shop: Shop, license_id: str, key: str, days: int = 1) -> dict[str, Any]:
    answer = shop.client.renew_license(
        path={"id": license_id}, body={"extend_by_days": days}, idempotency_key=key
    )
    return dict(answer["data"])


def test_a_repeated_renewal_adds_its_days_once(api: Api, shop: Shop, license_id: str) -> None:
    """Same key, same body: the first answer again, even when more happened since."""
    first = extend(shop, license_id, "a")
    extend(shop, license_id, "b")

    assert extend(shop, license_id, "a") == first
    now = shop.client.get_license(path={"id": license_id})["data"]
    assert now["expires_at"] == "2027-01-03T00:00:00Z"
    assert audit_trail(api, license_id).count("license.renewed") == 2


def test_a_key_is_good_for_one_body(shop: Shop, license_id: str) -> None:
    """The same key with another body is a mistake of the caller."""
    extend(shop, license_id, "a", days=1)

    with refused(409, "IDEMPOTENCY_CONFLICT"):
        extend(shop, license_id, "a", days=2)


def test_the_order_of_fields_is_no_difference(api: Api, license_id: str) -> None:
    """Two spellings of one body are one body."""
    url = f"{api.base_url}/api/v1/licenses/{license_id}/transfer"
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}", "Idempotency-Key": "a"}
    bodies = (
        b'{"customer_name":"Ada","reset_devices":true}',
        b'{ "reset_devices": true, "customer_name": "Ada" }',
    )

    first, again = (httpx.post(url, content=body, headers=headers) for body in bodies)

    assert first.json()["data"] == again.json()["data"]


def test_the_same_key_on_another_license_or_operation_is_another_call(
    shop: Shop, license_id: str
) -> None:
    """Keys count per license and operation."""
    other = shop.license(shop.policy("trial"), expires_at="2027-01-01T00:00:00Z")
    path = {"id": license_id}
    extend(shop, license_id, "a")

    moved = shop.client.transfer_license(
        path=path, body={"customer_name": "Ada"}, idempotency_key="a"
    )

    assert moved["data"]["customer_name"] == "Ada"
    assert extend(shop, other["license"]["id"], "a")["id"] == other["license"]["id"]


def test_a_refused_call_may_be_repeated_with_its_key(shop: Shop, license_id: str) -> None:
    """Only answers are kept: once the reason is gone the same call goes through."""
    order_body = {"expires_at": "2028-01-01T00:00:00Z", "customer_id": ""}
    with refused(400, "INVALID_JSON", "unknown field"):
        shop.client.renew_license(path={"id": license_id}, body=order_body, idempotency_key="a")
    with refused(422, "VALIDATION_ERROR"):
        shop.client.renew_license(path={"id": license_id}, body={}, idempotency_key="a")

    assert extend(shop, license_id, "a")["expires_at"] == "2027-01-02T00:00:00Z"


@pytest.mark.parametrize("key", [None, "", "k" * 256], ids=["missing", "empty", "too long"])
def test_without_a_proper_key_nothing_happens(shop: Shop, license_id: str, key: str | None) -> None:
    """Where the contract asks for the header it must be there."""
    with refused(400, "IDEMPOTENCY_KEY_REQUIRED"):
        shop.client.renew_license(
            path={"id": license_id}, body={"extend_by_days": 1}, idempotency_key=key
        )


def test_a_key_is_needed_wherever_the_contract_says(api: Api, shop: Shop) -> None:
    """Transfer, activate and deactivate are keyed like renew."""
    issued = shop.license(shop.policy("perpetual"))
    with refused(400, "IDEMPOTENCY_KEY_REQUIRED"):
        shop.client.transfer_license(
            path={"id": issued["license"]["id"]}, body={"customer_name": "Ada"}
        )
    with api.runtime(issued["license_key"]) as copy:
        for act in (copy.activate_license, copy.deactivate_license):
            with refused(400, "IDEMPOTENCY_KEY_REQUIRED"):
                act(body=LAPTOP)


def test_a_repeated_activation_counts_once(api: Api, shop: Shop) -> None:
    """The retry of a lost answer is not a second activation."""
    issued = shop.license(shop.policy("perpetual"))
    with api.runtime(issued["license_key"]) as copy:
        first = copy.activate_license(body=LAPTOP, idempotency_key="a")["data"]
        copy.deactivate_license(body=LAPTOP, idempotency_key="d")
        again = copy.activate_license(body=LAPTOP, idempotency_key="a")["data"]
        with refused(404, "NOT_FOUND"):
            copy.validate_license(body=LAPTOP)

    assert again == first


def test_one_call_sent_many_times_at_once_is_done_once(
    api: Api, shop: Shop, license_id: str
) -> None:
    """Retries that overlap all get the one answer."""

    def send(_: int) -> dict[str, Any]:
        with api.management() as client:
            return extend(Shop(client, shop.code, shop.product_id), license_id, "a")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))

    assert answers == [answers[0]] * 8
    assert answers[0]["expires_at"] == "2027-01-02T00:00:00Z"
    assert audit_trail(api, license_id) == ["license.created", "license.renewed"]
