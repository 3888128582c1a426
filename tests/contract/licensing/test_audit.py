"""Every write leaves one audit row: what happened to what, by whom, in which request."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from licensing.database import open_database
from licensing.tables import audit
from tests.contract.licensing.conftest import Api, Shop
from tests.contract.licensing.records import audit_rows, audit_trail
from tests.contract.licensing.refusals import refused


def test_a_row_tells_who_did_what_and_when(api: Api, shop: Shop) -> None:
    """The admin token is an API key called admin; the request id is the answer's."""
    path, body = {"id": shop.product_id}, {"name": "Export", "code": "export"}

    answer = shop.client.create_feature(path=path, body=body)

    (row,) = audit_rows(api, answer["data"]["id"])
    assert row["event_type"] == "feature.created"
    assert (row["actor_type"], row["actor_id"]) == ("api_key", "admin")
    assert (row["resource_type"], row["ip_address"]) == ("feature", "127.0.0.1")
    assert row["request_id"] == answer["meta"]["request_id"]
    assert row["created_at"] == api.clock.now


def test_a_change_notes_which_fields_moved(api: Api, shop: Shop) -> None:
    """Names of fields, not their values: those may be personal."""
    customer_id = shop.customer()

    body = {"name": "Grace", "email": "grace@example.com"}
    shop.client.update_customer(path={"id": customer_id}, body=body)

    changed = audit_rows(api, customer_id)[-1]
    assert changed["metadata"] == {"fields": ["email", "name"]}


def test_an_installed_copy_is_an_actor_of_its_own(api: Api, shop: Shop) -> None:
    """What a device did stands under its license."""
    issued = shop.license(shop.policy("perpetual"))
    body = {"fingerprint": "laptop"}
    with api.runtime(issued["license_key"]) as copy:
        device = copy.activate_license(body=body, idempotency_key="a")["data"]["device_id"]
        copy.validate_license(body=body)
        copy.check_license(body=body)
        copy.deactivate_license(body=body, idempotency_key="d")

    rows = audit_rows(api, device)
    assert [row["event_type"] for row in rows] == [
        "device.created",
        "device.validated",
        "device.deactivated",
    ]
    assert {row["actor_type"] for row in rows} == {"license"}
    assert {row["actor_id"] for row in rows} == {issued["license"]["id"]}


def test_what_is_refused_leaves_no_row(api: Api, shop: Shop) -> None:
    """The row and the change are one transaction."""
    order = shop.order("in_1")

    with refused(409, "CONFLICT"):
        shop.order("in_1")
    with refused(422, "VALIDATION_ERROR"):
        body = {"period_start": "2026-11-01T00:00:00Z"}
        shop.client.update_order(path={"id": order["id"]}, body=body)

    assert audit_trail(api, order["id"]) == ["order.created"]


def test_no_row_holds_a_secret(api: Api, shop: Shop) -> None:
    """Neither license keys nor tokens are in the audit record, nor anywhere else in clear."""
    key = shop.license(shop.policy("perpetual"))["license_key"]
    token = shop.client.create_api_key(body={"name": "Worker"})["data"]["token"]

    everything = str(_all_rows(api))
    assert key not in everything
    assert token not in everything


def _all_rows(api: Api) -> list[Any]:
    with open_database(api.config.database_url).reading() as tx:
        return [
            tuple(row)
            for table in audit.metadata.sorted_tables
            for row in tx.execute(sa.select(table))
        ]
