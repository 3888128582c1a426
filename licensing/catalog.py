"""What is for sale: products, and their policies and features. Codes are unique within each."""

from __future__ import annotations

import sqlalchemy as sa

from licensing import records
from licensing.bodies import (
    FeatureCreate,
    PolicyCreate,
    PolicyUpdate,
    ProductCreate,
    ProductUpdate,
    given,
)
from licensing.call import Call, Data
from licensing.errors import conflict
from licensing.tables import features, licenses, policies, products


def list_products(call: Call) -> list[Data]:
    return [records.present(products, row) for row in records.newest(call, products)]


def create_product(call: Call, body: ProductCreate) -> Data:
    return records.present(products, records.create(call, products, "prod", given(body)))


def get_product(call: Call) -> Data:
    return records.present(products, records.find(call, products, call.id))


def update_product(call: Call, body: ProductUpdate) -> Data:
    records.find(call, products, call.id, lock=True)
    return records.present(products, records.change(call, products, call.id, given(body)))


def delete_product(call: Call) -> None:
    """409 while anything belongs to it."""
    records.remove(call, products, call.id)


def list_policies(call: Call) -> list[Data]:
    return records.newest_of_parent(call, policies)


def create_policy(call: Call, body: PolicyCreate) -> Data:
    product = records.find(call, products, call.id)
    values = given(body) | {"product_id": product["id"]}
    return records.present(policies, records.create(call, policies, "pol", values))


def get_policy(call: Call) -> Data:
    return records.present(policies, records.find(call, policies, call.id))


def update_policy(call: Call, body: PolicyUpdate) -> Data:
    """409 for another license type while licenses have this policy: their terms would be void."""
    policy, values = records.find(call, policies, call.id, lock=True), given(body)
    if values.get("license_type", policy["license_type"]) != policy["license_type"]:
        _require_no_license(call)
    return records.present(policies, records.change(call, policies, call.id, values))


def delete_policy(call: Call) -> None:
    """409 while a license has it."""
    records.remove(call, policies, call.id)


def list_features(call: Call) -> list[Data]:
    return records.newest_of_parent(call, features)


def create_feature(call: Call, body: FeatureCreate) -> Data:
    product = records.find(call, products, call.id)
    values = given(body) | {"product_id": product["id"]}
    return records.present(features, records.create(call, features, "feat", values))


def get_feature(call: Call) -> Data:
    return records.present(features, records.find(call, features, call.id))


def _require_no_license(call: Call) -> None:
    used = sa.select(licenses.c.id).where(licenses.c.policy_id == call.id).limit(1)
    if call.tx.execute(used).first() is not None:
        raise conflict("the policy has licenses; their license_type can't change")
