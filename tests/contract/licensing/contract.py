"""The LicenseKit contract as the embedded API promises it: the file, and what we add to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from licensing.operations import HEALTH, METRICS, UNDER_API, Operation

CONTRACT = Path(__file__).resolve().parents[4] / "shared/reference/licensekit-openapi.yaml"
OPERATIONS = (*HEALTH, *METRICS, *UNDER_API)

Document = dict[str, Any]


def read_contract() -> Document:
    """The contract, word for word."""
    document: Document = yaml.safe_load(CONTRACT.read_text())
    return document


def read_promise() -> Document:
    """The contract with the three answers that it leaves out.

    501 for what is not built, 400 for a limit that is no number, and a limit above 200, which is
    valid since it is clamped.
    """
    document = read_contract()
    refusal = {"$ref": "#/components/responses/BadRequest"}
    for operation in OPERATIONS:
        responses = document["paths"][operation.path][operation.method.lower()]["responses"]
        if operation.action is None:
            responses["501"] = refusal
        elif operation.name.startswith("list"):
            responses.setdefault("400", refusal)
    del document["components"]["parameters"]["LimitParam"]["schema"]["maximum"]
    return document


def built() -> list[Operation]:
    """The operations that do something."""
    return [operation for operation in OPERATIONS if operation.action is not None]
