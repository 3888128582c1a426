"""The embedded API against the LicenseKit contract itself: whatever is sent, answers conform."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from licensing.operations import Operation
from tests.contract.licensing.conftest import ADMIN_TOKEN, Api, Shop
from tests.contract.licensing.contract import (
    CONTRACT,
    OPERATIONS,
    built,
    read_contract,
    read_promise,
)

if not CONTRACT.is_file():
    pytest.skip(f"the contract is not at {CONTRACT}", allow_module_level=True)

EXAMPLES = 8  # per operation and database: all of them together take less than a minute
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

schema = schemathesis.openapi.from_dict(read_promise())
names = [operation.name for operation in built()]


@pytest.fixture(scope="module")
def known(api_on: Api) -> dict[str, str]:
    """An existing id for each kind of resource, by the path's first word, and a license key."""
    with api_on.management() as client:
        shop = Shop.open(client, "contract")
        policy = shop.policy()
        issued = shop.license(policy, expires_at="2027-01-01T00:00:00Z")
        path, body = {"id": shop.product_id}, {"name": "Export", "code": "export"}
        return {
            "products": shop.product_id,
            "policies": policy,
            "features": client.create_feature(path=path, body=body)["data"]["id"],
            "customers": shop.customer(),
            "orders": shop.order()["id"],
            "subscriptions": shop.subscription()["id"],
            "licenses": issued["license"]["id"],
            "key": issued["license_key"],
        }


@schema.include(operation_id=names).parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_whatever_a_program_sends_the_answer_keeps_the_contract(
    case: schemathesis.Case[Any], api_on: Api, known: dict[str, str]
) -> None:
    """Status, envelope and fields are the contract's, for good and bad requests alike."""
    kind = case.path.split("/")[3] if case.path.startswith("/api") else ""
    credentials = f"License {known['key']}" if kind == "license" else f"Bearer {ADMIN_TOKEN}"
    headers = {"Authorization": credentials}

    # Only bodies are closed in the contract: a list may be asked with any further parameter.
    checks = CHECKS if case.method == "GET" else [*CHECKS, negative_data_rejection]
    case.call_and_validate(base_url=api_on.base_url, headers=headers, checks=checks)
    if "id" in case.path_parameters:
        case.path_parameters["id"] = known[kind]
        case.call_and_validate(base_url=api_on.base_url, headers=headers, checks=checks)


def test_every_operation_of_the_contract_stands_in_the_table_with_its_scope() -> None:
    """Nothing is missing, nothing is invented, and no operation is open to the wrong token."""
    promised = {
        (entry["operationId"], method.upper(), path, _scope(entry))
        for path, entries in read_contract()["paths"].items()
        for method, entry in entries.items()
    }

    ready = ("readyz", "GET", "/readyz", "")
    assert {_row(operation) for operation in OPERATIONS} | {ready} == promised


def test_what_needs_an_idempotency_key_is_what_the_contract_says() -> None:
    """Only the operations that the contract names may be repeated by key."""
    keyed = {"$ref": "#/components/parameters/IdempotencyKeyHeader"}
    paths = read_contract()["paths"]
    promised = {
        operation.name
        for operation in built()
        if keyed in paths[operation.path][operation.method.lower()].get("parameters", [])
    }

    assert {operation.name for operation in built() if operation.is_keyed} == promised


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: str(operation.name))
def test_nobody_gets_in_without_credentials(operation: Operation, api_on: Api) -> None:
    """Without a token even what is not built yet answers 401; what is public answers anybody."""
    url = api_on.base_url + operation.path.replace("{", "").replace("}", "")
    answer = httpx.request(operation.method, url)

    is_public = not operation.scope
    assert (answer.status_code == 401) is not is_public
    assert answer.json()["meta"]["request_id"].startswith("req_")


def _scope(entry: dict[str, list[object]]) -> str:
    if entry["security"] == [{"licenseAuth": []}]:
        return "a license key"
    (scope,) = entry.get("x-required-scopes", [""])
    return str(scope)


def _row(operation: Operation) -> tuple[str, str, str, str]:
    return operation.name, operation.method, operation.path, operation.scope
