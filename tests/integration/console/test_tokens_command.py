"""`fulfill tokens`: made, shown once, listed without the secret, revoked for good."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database import reading
from shared.tables import audit
from tests.integration.console.conftest import Fulfill


def made(fulfill: Fulfill, *words: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(fulfill("tokens", "create", *words, "--json").stdout)
    return told


def listed(fulfill: Fulfill) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(fulfill("tokens", "list", "--json").stdout)
    return told


def test_a_token_is_shown_once_and_never_again(fulfill: Fulfill, engine: Engine) -> None:
    """Neither the list nor the audit log has it, nor does any error."""
    words = ("--name", "ci", "--scope", "product:write", "--scope", "product:read")
    token = made(fulfill, *words, "--expires", "90d")["token"]

    pages = [fulfill("tokens", "list").output, fulfill("tokens", "create", *words).output]
    (row,) = listed(fulfill)
    with reading(engine) as connection:
        deeds = connection.execute(sa.select(audit)).all()

    assert token.startswith("fat_")
    assert not any(token in str(said) for said in (*pages, row, *deeds))
    assert (row["name"], row["state"], row["last4"]) == ("ci", "active", token[-4:])
    assert row["scopes"] == ["product:read", "product:write"]
    assert [(one.action, one.subject) for one in deeds] == [("tokens.create", "ci")]


def test_for_people_the_token_stands_alone_on_standard_output(fulfill: Fulfill) -> None:
    """So that it can be piped into a secret store."""
    shown = fulfill("tokens", "create", "--name", "ci", "--scope", "admin")

    assert shown.stdout.strip().startswith("fat_")
    assert len(shown.stdout.split()) == 1
    assert "not shown again" in shown.stderr


def test_a_revoked_token_stays_in_the_list_and_keeps_its_name(
    fulfill: Fulfill, engine: Engine
) -> None:
    """The audit log means one token by a name, for ever; a second revocation does nothing."""
    made(fulfill, "--name", "ci", "--scope", "admin")

    ended = [json.loads(fulfill("tokens", "revoke", "ci", "--json").stdout) for _ in range(2)]
    again = fulfill("tokens", "create", "--name", "ci", "--scope", "admin")

    assert [one["revoked"] for one in ended] == [True, False]
    assert [one["state"] for one in listed(fulfill)] == ["revoked"]
    assert (again.exit_code, "keeps its name" in again.stderr) == (1, True)
    with reading(engine) as connection:
        actions = list(connection.scalars(sa.select(audit.c.action).order_by(audit.c.id)))
    assert actions == ["tokens.create", "tokens.revoke"]


def test_what_cannot_be_meant_is_refused(fulfill: Fulfill) -> None:
    """Status 2 and the option's name, or 1 and four answers; no token comes of it."""
    wrong = {
        "--name": ("--name", "two words", "--scope", "admin"),
        "--scope": ("--name", "ci", "--scope", "product:everything"),
        "--expires": ("--name", "ci", "--scope", "admin", "--expires", "2026-01-01"),
    }
    for option, words in wrong.items():
        answer = fulfill("tokens", "create", *words)
        assert (answer.exit_code, option in answer.stderr) == (2, True)
    unknown = fulfill("tokens", "revoke", "nobody")

    assert (unknown.exit_code, "no token named nobody" in unknown.stderr) == (1, True)
    assert listed(fulfill) == []
