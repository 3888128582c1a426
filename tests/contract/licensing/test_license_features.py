"""Features on licenses through the real SDK."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.licensing.conftest import Shop
from tests.contract.licensing.refusals import refused


@pytest.fixture
def path(shop: Shop) -> dict[str, str]:
    """The path of a license without features."""
    return {"id": shop.license(shop.policy("perpetual"))["license"]["id"]}


def feature(shop: Shop, code: str = "export") -> str:
    body = {"name": code.title(), "code": code}
    created = shop.client.create_feature(path={"id": shop.product_id}, body=body)["data"]
    return str(created["id"])


def assign(shop: Shop, path: dict[str, str], **body: Any) -> dict[str, Any]:
    return dict(shop.client.assign_license_feature(path=path, body=body)["data"])


def test_a_feature_is_put_on_a_license(shop: Shop, path: dict[str, str]) -> None:
    """It is enabled and not metered unless it says otherwise."""
    feature_id = feature(shop)

    assigned = assign(shop, path, feature_id=feature_id)

    assert assigned == {
        "license_id": path["id"],
        "feature_id": feature_id,
        "feature_code": "export",
        "feature_name": "Export",
        "enabled": True,
        "total_consumptions": 0,
        "metadata": {},
    }
    assert shop.client.list_license_features(path=path)["data"] == [assigned]


def test_assigning_again_changes_only_what_is_given(shop: Shop, path: dict[str, str]) -> None:
    """Create or update: one assignment, whose other fields stay."""
    feature_id = feature(shop)
    assign(shop, path, feature_id=feature_id, max_consumptions=5, metadata={"seats": 3})

    again = assign(shop, path, feature_id=feature_id, enabled=False)

    assert (again["enabled"], again["remaining"], again["metadata"]) == (False, 5, {"seats": 3})
    assert len(shop.client.list_license_features(path=path)["data"]) == 1


def test_assigning_again_with_nothing_new_is_harmless(shop: Shop, path: dict[str, str]) -> None:
    """The same request twice gives the same answer."""
    feature_id = feature(shop)

    assert assign(shop, path, feature_id=feature_id) == assign(shop, path, feature_id=feature_id)


def test_a_feature_is_taken_off_again(shop: Shop, path: dict[str, str]) -> None:
    """Afterwards it is gone, and a second time it is not found."""
    where = path | {"feature_id": feature(shop)}
    assign(shop, path, feature_id=where["feature_id"])

    shop.client.remove_license_feature(path=where)

    assert shop.client.list_license_features(path=path)["data"] == []
    with refused(404, "NOT_FOUND", "license feature was not found"):
        shop.client.remove_license_feature(path=where)


def test_each_change_of_features_is_a_new_version(shop: Shop, path: dict[str, str]) -> None:
    """Installed copies see by the entitlement version that they should ask again."""
    where = path | {"feature_id": feature(shop)}

    assign(shop, path, feature_id=where["feature_id"])
    shop.client.remove_license_feature(path=where)

    assert shop.client.get_license(path=path)["data"]["entitlement_version"] == 3


def test_a_license_carries_no_feature_of_another_product(shop: Shop, path: dict[str, str]) -> None:
    """License and feature are of one product."""
    foreign = feature(Shop.open(shop.client, f"{shop.code}-other"))

    with refused(422, "VALIDATION_ERROR", "another product"):
        assign(shop, path, feature_id=foreign)


def test_what_does_not_exist_can_not_be_put_together(shop: Shop, path: dict[str, str]) -> None:
    """Neither an unknown feature nor an unknown license."""
    with refused(404, "NOT_FOUND", "feature was not found"):
        assign(shop, path, feature_id="feat_unknown")
    with refused(404, "NOT_FOUND", "license was not found"):
        assign(shop, {"id": "lic_unknown"}, feature_id=feature(shop))


def test_features_are_listed_newest_first_within_the_limit(
    shop: Shop, path: dict[str, str]
) -> None:
    """The order is the features' own, whatever was assigned first."""
    old, new = feature(shop, "old"), feature(shop, "new")
    assign(shop, path, feature_id=new)
    assign(shop, path, feature_id=old)

    rows = shop.client.list_license_features(path=path)["data"]
    (first,) = shop.client.list_license_features(path=path, query={"limit": 1})["data"]

    assert [row["feature_id"] for row in rows] == [new, old]
    assert first["feature_id"] == new
