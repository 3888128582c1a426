"""`fulfill accounts`: who has our app, and who does no more."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from typer.testing import CliRunner

from console.cli import app
from shared.database import reading, transaction
from shared.secrets import Secret, Vault
from shared.tables import accounts, audit
from tests.conftest import FERNET_KEY
from tests.integration.console.conftest import Fulfill

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
VAULT = Vault([Secret(FERNET_KEY)])


@pytest.fixture(autouse=True)
def two_modes(engine: Engine) -> None:
    """acct_1 in both modes, acct_2 in test mode."""
    sealed = VAULT.seal(Secret("oat_very_secret"))
    rows = [
        {
            "account": account,
            "livemode": livemode,
            "state": "installed",
            "access_token": sealed,
            "refresh_token": sealed,
            "installed_at": NOW,
        }
        for account, livemode in (("acct_1", False), ("acct_1", True), ("acct_2", False))
    ]
    with transaction(engine) as tx:
        tx.execute(sa.insert(accounts), rows)


def read(engine: Engine, table: sa.Table) -> list[sa.Row[tuple[object, ...]]]:
    with reading(engine) as tx:
        return list(tx.execute(sa.select(table).order_by(*table.primary_key.columns)))


def test_the_list_shows_each_installation_and_no_token(fulfill: Fulfill) -> None:
    """In words and in JSON."""
    page = fulfill("accounts", "list")
    told = json.loads(fulfill("accounts", "list", "--json").output)["accounts"]

    assert [(one["account"], one["livemode"], one["state"]) for one in told] == [
        ("acct_1", False, "installed"),
        ("acct_1", True, "installed"),
        ("acct_2", False, "installed"),
    ]
    assert "acct_2" in page.output
    assert "secret" not in page.output + str(told)


def test_disconnecting_forgets_the_tokens_and_is_written_down(
    fulfill: Fulfill, engine: Engine
) -> None:
    """Of the one mode that was named; the list then says why."""
    answer = fulfill("accounts", "disconnect", "acct_1", "--live")

    rows = {(row.account, row.livemode): row for row in read(engine, accounts)}
    assert answer.exit_code == 0, answer.output
    assert "Its buyers keep what stands" in answer.output
    assert (rows["acct_1", True].state, rows["acct_1", True].refresh_token) == ("closed", None)
    assert rows["acct_1", False].state == "installed"
    assert [(row.action, row.subject) for row in read(engine, audit)] == [
        ("accounts.disconnect", "acct_1/live")
    ]
    assert "disconnected it" in fulfill("accounts", "list").output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("acct_1",), "connected in both modes"),
        (("acct_9",), "not connected"),
        (("acct_2", "--live"), "not connected"),
    ],
)
def test_it_must_be_clear_who_is_meant(
    fulfill: Fulfill, engine: Engine, words: tuple[str, ...], says: str
) -> None:
    """Nothing is done on a guess."""
    answer = fulfill("accounts", "disconnect", *words)

    assert (answer.exit_code, says in answer.stderr) == (1, True)
    assert {row.state for row in read(engine, accounts)} == {"installed"}


def test_a_licensekit_token_is_read_from_standard_input_and_sealed(
    fulfill: Fulfill, engine: Engine
) -> None:
    """It stands in no history of a shell; an empty input takes it away again."""
    fulfill("accounts", "list")  # the environment is set up
    command = ["accounts", "licensekit-token", "acct_2"]

    given = CliRunner().invoke(app, command, input="lk_very_secret\n")
    kept = read(engine, accounts)[-1].licensekit_token
    listed = fulfill("accounts", "list", "--json").output
    taken = CliRunner().invoke(app, command, input="")

    assert (given.exit_code, taken.exit_code) == (0, 0), given.output + taken.output
    assert VAULT.open(kept).reveal() == "lk_very_secret"
    assert read(engine, accounts)[-1].licensekit_token is None
    assert "very_secret" not in given.output + listed + str(read(engine, audit))
    assert [row.action for row in read(engine, audit)] == [
        "accounts.licensekit-token",
        "accounts.licensekit-token.remove",
    ]
