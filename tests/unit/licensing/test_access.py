"""Who may call what, without a server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from licensing.access import LICENSE_KEY, PUBLIC, Gate
from licensing.database import Database
from licensing.errors import Refusal
from licensing.identifiers import digest
from licensing.tables import api_keys

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TOKEN = "lk_stored"


@pytest.fixture
def gate(database: Database) -> Gate:
    """A gate whose admin token is `admin`."""
    return Gate(database, "admin")


def store(database: Database, **fields: object) -> None:
    row = {
        "id": "key_1",
        "name": "Worker",
        "token_hash": digest(TOKEN),
        "key_prefix": "lk_stor",
        "scopes": ["product:read"],
        "allowed_cidrs": [],
        "is_active": True,
        "expires_at": None,
        "created_at": NOW,
    }
    with database.writing() as tx:
        tx.execute(sa.insert(api_keys), row | fields)


def status(gate: Gate, scope: str, token: str = TOKEN, ip: str | None = "127.0.0.1") -> int:
    """200, or the status of the refusal."""
    try:
        gate.admit(scope, f"Bearer {token}", ip, NOW)
    except Refusal as refused:
        return refused.status
    return 200


def test_the_admin_token_opens_everything_but_runtime(gate: Gate) -> None:
    """It is no license key."""
    assert status(gate, "product:read", "admin") == 200
    assert status(gate, "admin", "admin") == 200
    assert status(gate, LICENSE_KEY, "admin") == 401


def test_what_is_public_is_open_to_anybody(gate: Gate) -> None:
    """Even to wrong credentials."""
    assert gate.admit(PUBLIC, "Bearer wrong", None, NOW).actor_type == "system"


def test_a_gate_keeps_no_token_in_clear(gate: Gate) -> None:
    """Whoever prints it learns a hash at most."""
    kept = [getattr(gate, name) for name in vars(gate)]

    assert "admin" not in kept


def test_a_stored_token_opens_its_scopes(gate: Gate, database: Database) -> None:
    """Its own scope, not another; 401 is for the unknown, 403 for the known."""
    store(database)

    assert status(gate, "product:read") == 200
    assert status(gate, "product:write") == 403
    assert status(gate, "product:read", "lk_other") == 401


@pytest.mark.parametrize(
    "fields",
    [{"is_active": False}, {"expires_at": NOW}, {"expires_at": NOW - timedelta(days=1)}],
    ids=["inactive", "expires now", "expired"],
)
def test_a_token_that_has_ended_is_unknown(
    gate: Gate, database: Database, fields: dict[str, object]
) -> None:
    """It is not told why."""
    store(database, **fields)

    assert status(gate, "product:read") == 401


@pytest.mark.parametrize(
    ("ip", "expected"),
    [("10.1.2.3", 200), ("2001:db8::1", 200), ("11.0.0.1", 401), (None, 401), ("local", 401)],
)
def test_a_bound_token_is_known_in_its_networks_only(
    gate: Gate, database: Database, ip: str | None, expected: int
) -> None:
    """An address that can't be read is in no network."""
    store(database, allowed_cidrs=["10.0.0.0/8", "2001:db8::/32"])

    assert status(gate, "product:read", ip=ip) == expected


@pytest.mark.parametrize("authorization", [None, "", "admin", "Basic admin", "Bearer", "Bearer  "])
def test_credentials_have_one_form(gate: Gate, authorization: str | None) -> None:
    """The kind, a space, the secret."""
    with pytest.raises(Refusal) as caught:
        gate.admit("product:read", authorization, None, NOW)
    assert caught.value.status == 401


def test_the_word_before_the_token_may_be_written_in_any_case(gate: Gate) -> None:
    """As HTTP has it."""
    assert gate.admit("admin", "bEARER admin", None, NOW).actor_id == "admin"
