"""Who is let in to the admin routes, and what everybody else is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from console.tokens import revoke_token
from shared.database import reading, transaction
from shared.tables import tokens
from tests.integration.console.admin.conftest import Door

PATH = "/stripe/admin/mappings"


def error(door: Door, header: str | bytes | None) -> tuple[int, str, str]:
    """Status, message and detail for this Authorization header."""
    headers: dict[str, Any] = {} if header is None else {"Authorization": header}
    answer = httpx.get(f"{door.client.base_url}{PATH}", headers=headers, trust_env=False)
    told = answer.json()["error"]
    assert answer.headers["www-authenticate"].startswith("Bearer")
    return answer.status_code, told["message"], told["detail"]


def used(door: Door) -> object:
    with reading(door.engine) as connection:
        return connection.scalar(sa.select(tokens.c.last_used_at))


@pytest.mark.parametrize("header", ["Bearer admin_test", "bearer  admin_test"])
def test_the_token_of_the_settings_opens_everything(one_door: Door, header: str) -> None:
    """The scheme's case and blanks don't matter."""
    answer = one_door.client.get(PATH, headers={"Authorization": header})

    assert answer.status_code == 200


def test_a_token_that_was_made_opens_what_its_scopes_say(door: Door) -> None:
    """Without a restart."""
    assert door.client.get(PATH, headers=door.token("ci", "product:read")).status_code == 200


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic admin_test", "admin_test"])
def test_without_a_bearer_token_the_answer_says_what_is_needed(
    one_door: Door, header: str | None
) -> None:
    """401, and the scope by its name."""
    status, message, detail = error(one_door, header)

    assert (status, detail) == (401, "requires product:read")
    assert "Bearer <token>" in message


@pytest.mark.parametrize("token", ["admin", "admin_test2", "ä", "\udcff", "x" * 5000])
def test_a_stranger_learns_nothing_but_that(door: Door, token: str) -> None:
    """One text for every token that is none, whatever its bytes."""
    header = b"Bearer " + token.encode("utf-8", "surrogateescape")

    assert error(door, header) == (
        401, "Nobody is let in by this token.", "requires product:read",
    )  # fmt: skip


def test_a_token_that_ran_out_is_told_so(door: Door) -> None:
    """Whoever holds it may know; at its very end it counts no more."""
    header = door.token("ci", "admin", lives=timedelta(days=90))["Authorization"]
    door.clock.move(days=90)

    assert error(door, header)[1] == "The token ci is expired: make a new one."


def test_a_revoked_token_stops_at_once(door: Door) -> None:
    """The next request is refused: nothing is kept in memory."""
    header = door.token("ci", "product:read")
    before = door.client.get(PATH, headers=header).status_code
    with transaction(door.engine) as tx:
        revoke_token(tx, "ci", by="ann", now=door.clock.now())

    assert (before, error(door, header["Authorization"])[1]) == (
        200, "The token ci is revoked: make a new one.",
    )  # fmt: skip


def test_a_scope_that_lacks_is_named_as_licensekit_names_it(door: Door) -> None:
    """403, and nothing is changed."""
    answer = door.client.post(PATH, json={}, headers=door.token("ci", "product:read"))

    assert (answer.status_code, answer.json()["error"]) == (
        403,
        {
            "code": "TOKEN_SCOPE_DENIED",
            "message": "The token ci lacks a scope that this needs.",
            "detail": "requires product:write",
        },
    )


def test_the_last_use_of_a_token_is_written_once_a_minute(door: Door) -> None:
    """So that reading stays reading."""
    header, first = door.token("ci", "product:read"), door.clock.now()
    door.client.get(PATH, headers=header)
    door.clock.move(seconds=59)
    door.client.get(PATH, headers=header)
    within = used(door)
    door.clock.move(seconds=1)
    door.client.get(PATH, headers=header)

    assert (within, used(door)) == (first, first + timedelta(minutes=1))


def test_neither_a_token_nor_its_hash_is_in_what_the_database_shows(door: Door) -> None:
    """Only the hash is kept, and four letters to tell tokens apart."""
    token = door.token("ci", "admin")["Authorization"].removeprefix("Bearer ")

    with reading(door.engine) as connection:
        row = connection.execute(sa.select(tokens)).one()
    assert token.startswith("fat_")
    assert row.last4 == token[-4:]
    assert token not in str(row)
