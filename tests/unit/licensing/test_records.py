"""How rows become the contract's resources."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from licensing.operations import HEALTH, METRICS, UNDER_API
from licensing.records import name_of, present, shown
from licensing.tables import api_keys, licenses, policies, products, signing_keys

OPERATIONS = (*HEALTH, *METRICS, *UNDER_API)


def test_what_is_secret_is_never_shown() -> None:
    """Hashes, sealed keys and our own bookkeeping stay inside."""
    assert "license_key_hash" not in shown(licenses)
    assert "grace_ends_at" not in shown(licenses)
    assert "token_hash" not in shown(api_keys)
    assert "private_key_sealed" not in shown(signing_keys)


def test_what_is_empty_is_left_out() -> None:
    """The contract knows no null; zero, false and an empty object are values."""
    row = dict.fromkeys(shown(policies)) | {"id": "pol_1", "max_activations": 0}
    row |= {"require_heartbeat": False, "metadata": {}}

    assert present(policies, row) == {
        "id": "pol_1",
        "max_activations": 0,
        "require_heartbeat": False,
        "metadata": {},
    }


@pytest.mark.parametrize(
    ("table", "name"), [(products, "product"), (policies, "policy"), (licenses, "license")]
)
def test_errors_and_audit_rows_call_a_resource_by_its_name(table: sa.Table, name: str) -> None:
    """In the singular."""
    assert name_of(table) == name


def test_no_operation_stands_twice_in_the_table() -> None:
    """Neither by its name nor by its method and path."""
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)
    assert len({(operation.method, operation.path) for operation in OPERATIONS}) == len(OPERATIONS)


def test_what_only_reads_takes_no_write_lock() -> None:
    """Reads and checks never wait for a writer."""
    reading = {operation.name for operation in OPERATIONS if not operation.writes}

    assert "checkLicense" in reading
    assert {operation.name for operation in OPERATIONS if operation.method == "GET"} <= reading
