"""The OpenAPI document says all that the table says."""

from __future__ import annotations

import json

import jsonschema
import pytest

from console.admin.openapi import describe
from console.admin.operations import OPERATIONS
from console.admin.serving import pattern
from console.admin.values import PREFIX, Operation
from mappings.body import body_schema

DOCUMENT = describe(OPERATIONS, version="0")


def entry(operation: Operation) -> dict[str, object]:
    found: dict[str, object] = DOCUMENT["paths"][PREFIX + operation.path][operation.method.lower()]
    return found


def test_operations_have_names_of_their_own() -> None:
    """A program that is made from the document calls each by its name."""
    names = [one.name for one in OPERATIONS]
    assert len(set(names)) == len(names)
    assert len({(one.method, pattern(one.path)) for one in OPERATIONS}) == len(names)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: str(one.name))
def test_every_operation_says_its_scope_its_answers_and_its_faults(operation: Operation) -> None:
    """Whoever reads the document needs no other."""
    told = entry(operation)

    assert f"`{operation.scope}`" in str(told["description"])
    assert {"400", "401", "403", "503"} <= set(told["responses"])  # type: ignore[call-overload]
    assert ("requestBody" in told) == (operation.method == "POST")


def test_every_reference_in_the_document_leads_somewhere() -> None:
    """A name that is not described makes the whole document useless to a program."""
    text = json.dumps(DOCUMENT)
    schemas = DOCUMENT["components"]["schemas"]
    said = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}

    assert said <= set(schemas)
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    ("terms", "fits"),
    [
        ({"grace_days": 3, "features": ["feat_1"], "entitlements": {"api": "feat_2"}}, True),
        ({"grace_days": None, "on_refund": "keep"}, True),
        ({"grace_days": 366}, False),
        ({"on_refund": "maybe"}, False),
        ({"features": ["feat_1", "feat_1"]}, False),
        ({"colour": "red"}, False),
    ],
)
def test_the_terms_are_described_as_they_are_checked(terms: dict[str, object], fits: bool) -> None:
    """Both come from one line of the table of terms."""
    body = {"stripe_price_id": "price_1", "product_id": "p", "policy_id": "q", "terms": terms}

    assert jsonschema.Draft202012Validator(body_schema()).is_valid(body) is fits
