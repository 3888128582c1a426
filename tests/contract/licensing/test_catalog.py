"""Products, policies and features through the real SDK."""

from __future__ import annotations

from licensekit import ManagementClient

from tests.contract.licensing.conftest import Shop
from tests.contract.licensing.refusals import refused


def test_a_product_is_created_read_renamed_and_deleted(client: ManagementClient) -> None:
    """What was written is what is read; after a delete there is nothing."""
    body = {"name": "Editor", "code": "life-of-a-product", "metadata": {"tier": 1}}
    created = client.create_product(body=body)["data"]
    path = {"id": created["id"]}

    renamed = client.update_product(path=path, body={"name": "Editor 2"})["data"]

    assert created["id"].startswith("prod_")
    assert renamed == created | {"name": "Editor 2"}
    assert client.get_product(path=path)["data"] == renamed
    client.delete_product(path=path)
    with refused(404, "NOT_FOUND"):
        client.get_product(path=path)


def test_two_products_never_share_a_code(client: ManagementClient, shop: Shop) -> None:
    """A product's code is unique: the second one is a conflict, on creating and on renaming."""
    other = client.create_product(body={"name": "B", "code": f"{shop.code}-b"})["data"]

    with refused(409, "CONFLICT", "a product with this code exists"):
        client.create_product(body={"name": "Again", "code": shop.code})
    with refused(409, "CONFLICT", "a product with this code exists"):
        client.update_product(path={"id": other["id"]}, body={"code": shop.code})


def test_the_newest_product_comes_first(client: ManagementClient, shop: Shop) -> None:
    """Lists are newest first, and `limit` cuts off the old end."""
    newer = Shop.open(client, f"{shop.code}-newer")

    rows = client.list_products(query={"limit": 2})["data"]

    assert [row["id"] for row in rows] == [newer.product_id, shop.product_id]


def test_a_product_that_is_in_use_can_not_be_deleted(client: ManagementClient, shop: Shop) -> None:
    """While a policy belongs to it a product stays."""
    policy_id = shop.policy()

    with refused(409, "CONFLICT", "link"):
        client.delete_product(path={"id": shop.product_id})

    client.delete_policy(path={"id": policy_id})
    client.delete_product(path={"id": shop.product_id})


def test_a_policy_says_what_the_contract_asks_of_it(client: ManagementClient, shop: Shop) -> None:
    """What can't be set has a default: no grace, no limit of devices, a check once a day."""
    policy = client.get_policy(path={"id": shop.policy("trial")})["data"]

    assert policy["license_type"] == "trial"
    assert policy["product_id"] == shop.product_id
    assert policy["grace_period_days"] == 0
    assert policy["max_activations"] == 0
    assert policy["validation_interval_minutes"] == 1440
    assert "max_floating_users" not in policy


def test_a_policy_can_be_changed(client: ManagementClient, shop: Shop) -> None:
    """The writable fields move, and only those that are sent."""
    before = client.get_policy(path={"id": shop.policy()})["data"]

    after = client.update_policy(
        path={"id": before["id"]}, body={"max_floating_users": 5, "require_heartbeat": True}
    )["data"]

    assert after == before | {"max_floating_users": 5, "require_heartbeat": True}


def test_the_type_of_a_policy_is_fixed_once_a_license_has_it(
    client: ManagementClient, shop: Shop
) -> None:
    """A perpetual license can't become one that must end: its terms would be void."""
    policy_id = shop.policy("perpetual")
    client.update_policy(path={"id": policy_id}, body={"license_type": "consumption"})
    shop.license(policy_id)

    with refused(409, "CONFLICT", "license_type can't change"):
        client.update_policy(path={"id": policy_id}, body={"license_type": "perpetual"})
    with refused(409, "CONFLICT", "link"):
        client.delete_policy(path={"id": policy_id})


def test_codes_of_policies_are_unique_in_their_product_only(
    client: ManagementClient, shop: Shop
) -> None:
    """Every product may have a policy `pro`, but only one."""
    shop.policy(code="pro")
    Shop.open(client, f"{shop.code}-2").policy(code="pro")

    with refused(409, "CONFLICT", "the product has a policy with this code"):
        shop.policy(code="pro")


def test_features_belong_to_a_product(client: ManagementClient, shop: Shop) -> None:
    """They are created and listed below it, newest first, with codes unique there."""
    path = {"id": shop.product_id}
    first = client.create_feature(path=path, body={"name": "Export", "code": "export"})["data"]
    second = client.create_feature(path=path, body={"name": "Import", "code": "import"})["data"]

    assert first["id"].startswith("feat_")
    assert client.list_features_by_product(path=path)["data"] == [second, first]
    assert client.get_feature(path={"id": first["id"]})["data"] == first
    with refused(409, "CONFLICT", "the product has a feature with this code"):
        client.create_feature(path=path, body={"name": "Export", "code": "export"})


def test_nothing_can_be_added_to_an_unknown_product(client: ManagementClient) -> None:
    """Creating below it is a 404; listing below it is empty, as the contract has it."""
    path = {"id": "prod_unknown"}

    with refused(404, "NOT_FOUND", "product was not found"):
        client.create_feature(path=path, body={"name": "Export", "code": "export"})
    assert client.list_policies_by_product(path=path)["data"] == []
