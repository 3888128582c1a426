"""The admin routes against the document that they serve: whatever is sent, answers conform."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_schema_conformance,
    status_code_conformance,
)

from console.admin.openapi import describe
from console.admin.operations import OPERATIONS
from tests.postgres import Cluster
from tests.worlds.office import ROOT_TOKEN, Office, open_office
from tests.worlds.world import MONTH, World, open_world

EXAMPLES = 4  # per operation and database: all of them together take less than a minute
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
# their bodies have rules that no schema says, and 422 for a breach
RULED = {"setMapping", "retry", "sweep"}

schemathesis.openapi.format("moment", st.sampled_from(["24h", "7d", "2026-11-20T12:00:00Z"]))
schema = schemathesis.openapi.from_dict(describe(OPERATIONS, version="0"))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """Some sales at rest and one that waits, in a world for all tests of this module."""
    folder = tmp_path_factory.mktemp("office")
    if request.param == "sqlite":
        with open_world(folder) as world, furnished(world) as office:
            yield office
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.database() as url, open_world(folder, url) as world, furnished(world) as office:
        yield office


def furnished(world: World) -> Any:
    once, _ = world.price()
    monthly, _ = world.price("subscription", recurring=MONTH)
    unmapped = world.stripe.shop.price("Unmapped", 100)
    world.stripe.shop.buy(once)
    world.stripe.shop.subscribe(monthly)
    world.stripe.shop.buy(unmapped)
    world.hear_all()
    return open_office(world)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_whatever_a_program_sends_the_answer_is_what_the_document_says(
    case: schemathesis.Case[Any], office: Office
) -> None:
    """Status, envelope and fields are the document's, for good and bad requests alike."""
    headers = {"Authorization": f"Bearer {ROOT_TOKEN}"}
    is_ruled = case.operation.definition.raw["operationId"] in RULED
    checks = CHECKS if is_ruled else [*CHECKS, positive_data_acceptance]
    case.call_and_validate(base_url=office.url, headers=headers, checks=checks)
    if "sale" in case.path_parameters:
        key = next(iter(office.world.keys()))
        case.path_parameters["sale"] = key.id
        case.call_and_validate(base_url=office.url, headers=headers, checks=checks)
