"""Runtime answers are signed, and the SDK's own helper verifies them."""

from __future__ import annotations

import pytest
from licensekit import PublicKeyStore, verify_runtime_payload, verify_runtime_result

from tests.contract.licensing.conftest import Api, Shop

LAPTOP = {"fingerprint": "laptop"}


@pytest.fixture
def keys(api: Api) -> PublicKeyStore:
    """The public keys as a client would fetch them."""
    with api.system() as system:
        return PublicKeyStore(system.list_public_keys()["data"])


def test_every_runtime_answer_can_be_verified(api: Api, shop: Shop, keys: PublicKeyStore) -> None:
    """Activate, validate, check and deactivate are all signed with the published key."""
    issued = shop.license(shop.policy("perpetual"))
    with api.runtime(issued["license_key"]) as copy:
        answers = [
            copy.activate_license(body=LAPTOP, idempotency_key="a"),
            copy.validate_license(body=LAPTOP),
            copy.check_license(body=LAPTOP),
            copy.deactivate_license(body=LAPTOP, idempotency_key="d"),
        ]

    assert all(verify_runtime_result(answer, keys).ok for answer in answers)


def test_a_forged_answer_is_found_out(api: Api, shop: Shop, keys: PublicKeyStore) -> None:
    """Whoever changes a word breaks the signature."""
    issued = shop.license(shop.policy(), expires_at="2026-12-01T00:00:00Z")
    with api.runtime(issued["license_key"]) as copy:
        answer = copy.activate_license(body=LAPTOP, idempotency_key="a")
    forged = answer["data"] | {"expires_at": "2099-12-01T00:00:00Z"}

    assert not verify_runtime_payload(forged, answer["signature"], keys).ok


def test_names_in_any_script_can_be_verified(api: Api, shop: Shop, keys: PublicKeyStore) -> None:
    """The SDK writes the data anew in ASCII: what is signed is that form."""
    issued = shop.license(shop.policy("perpetual"))
    feature = shop.client.create_feature(
        path={"id": shop.product_id}, body={"name": "Größe", "code": "größe-→"}
    )
    shop.client.assign_license_feature(
        path={"id": issued["license"]["id"]}, body={"feature_id": feature["data"]["id"]}
    )
    with api.runtime(issued["license_key"]) as copy:
        answer = copy.activate_license(body=LAPTOP, idempotency_key="a")

    assert answer["data"]["features"][0]["code"] == "größe-→"
    assert verify_runtime_result(answer, keys).ok


def test_a_repeated_activation_is_signed_alike(api: Api, shop: Shop, keys: PublicKeyStore) -> None:
    """The replay of a keyed call is the same answer, signature and all."""
    issued = shop.license(shop.policy("perpetual"))
    with api.runtime(issued["license_key"]) as copy:
        first = copy.activate_license(body=LAPTOP, idempotency_key="a")
        api.clock.advance(hours=1)
        again = copy.activate_license(body=LAPTOP, idempotency_key="a")

    assert (again["data"], again["signature"]) == (first["data"], first["signature"])
    assert verify_runtime_result(again, keys).ok


def test_there_is_one_active_key_and_it_stays(api: Api, keys: PublicKeyStore) -> None:
    """Asking again shows the same key: clients may keep it."""
    with api.system() as system:
        (key,) = system.list_public_keys()["data"]

    assert [key] == keys.values()
    assert (key["algorithm"], key["status"]) == ("Ed25519", "active")
