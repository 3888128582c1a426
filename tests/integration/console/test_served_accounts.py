"""Whose sales are served: by the settings, by an installation, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from console.app.accounts import OwnToken, disconnect, read_accounts, set_licensekit_token
from shared.accounts import INSTALLED, ServedAccount, close_account, served_accounts
from shared.database import reading, transaction
from shared.secrets import Secret, Vault
from shared.settings import read_settings
from shared.tables import accounts, audit
from tests.conftest import FERNET_KEY

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
VAULT = Vault([Secret(FERNET_KEY)])
GUEST = ServedAccount("acct_2", True)


def install(engine: Engine, which: ServedAccount = GUEST, **more: Any) -> None:
    row = {
        "account": which.account,
        "livemode": which.livemode,
        "state": INSTALLED,
        "access_token": b"sealed",
        "access_until": LATER,
        "refresh_token": b"sealed",
        "licensekit_token": b"sealed",
        "lease_token": "mine",
        "lease_until": LATER,
        "installed_at": NOON,
        "refreshed_at": NOON,
    }
    with transaction(engine) as tx:
        tx.execute(sa.insert(accounts).values({**row, **more}))


def row_of(engine: Engine) -> dict[str, Any]:
    with reading(engine) as connection:
        return dict(connection.execute(sa.select(accounts)).one()._mapping)


def close(engine: Engine, which: ServedAccount = GUEST, told_at: datetime | None = None) -> bool:
    with transaction(engine) as tx:
        return close_account(tx, which, "gone", now=LATER, told_at=told_at)


@pytest.mark.parametrize(
    ("key", "named", "served"),
    [
        ("sk_test_1", "acct_1,acct_2", ["own/test", "acct_1/test", "acct_2/test", "acct_2/live"]),
        ("sk_live_1", "acct_2", ["own/live", "acct_2/live"]),
        ("rk_live_1", "", ["own/live", "acct_2/live"]),
        ("", "acct_1", ["acct_2/live"]),
    ],
    ids=["test", "the same twice", "restricted", "no key"],
)
def test_our_own_and_named_accounts_are_served_in_the_keys_mode_and_guests_in_theirs(
    engine: Engine, key: str, named: str, served: list[str]
) -> None:
    """In order, each once; without a key nothing of ours."""
    install(engine)
    install(engine, ServedAccount("acct_3", False), state="closed")
    settings = read_settings({"STRIPE_SECRET_KEY": key, "STRIPE_ACCOUNTS": named})

    with reading(engine) as connection:
        assert [str(one) for one in served_accounts(connection, settings)] == served


def test_a_closed_account_keeps_nothing_that_opens_a_door(engine: Engine) -> None:
    """Its row stays, with when and why; every token and the lease are gone."""
    install(engine)
    before = row_of(engine)

    assert close(engine)

    gone = ("access_token", "access_until", "refresh_token", "licensekit_token")
    free = ("lease_token", "lease_until")
    expected = {**before, **dict.fromkeys((*gone, *free))}
    assert row_of(engine) == {**expected, "state": "closed", "reason": "gone", "closed_at": LATER}


def test_closing_twice_keeps_the_first_reason(engine: Engine) -> None:
    """The second changes nothing and says so."""
    install(engine)
    close(engine)
    first = row_of(engine)

    with transaction(engine) as tx:
        assert not close_account(tx, GUEST, "again", now=LATER + timedelta(days=1))
    assert row_of(engine) == first


@pytest.mark.parametrize(
    "which",
    [replace(GUEST, livemode=False), ServedAccount("acct_9", True), ServedAccount("", True)],
)
def test_closing_an_account_that_is_not_there_touches_no_other(
    engine: Engine, which: ServedAccount
) -> None:
    """The other mode, a stranger, ourselves."""
    install(engine)

    assert not close(engine, which)
    assert row_of(engine)["state"] == INSTALLED


@pytest.mark.parametrize(
    ("told_after", "closed"),
    [(timedelta(0), True), (timedelta(seconds=1), True), (-timedelta(microseconds=1), False)],
)
def test_news_from_before_the_installation_closes_nothing(
    engine: Engine, told_after: timedelta, closed: bool
) -> None:
    """By Stripe's clock; in the very moment it counts."""
    install(engine)

    assert close(engine, told_at=NOON + told_after) is closed
    assert (row_of(engine)["state"] == "closed") is closed


def test_an_account_is_told_without_its_tokens(engine: Engine) -> None:
    """The whole of what the list shows in JSON; a closed one says when and why."""
    install(engine)
    with reading(engine) as connection:
        (before,) = read_accounts(connection)
    with transaction(engine) as tx:
        assert disconnect(tx, GUEST, who="ann", now=LATER)
        assert not disconnect(tx, GUEST, who="bob", now=LATER)

    with reading(engine) as connection:
        (after,) = read_accounts(connection)
        deeds = connection.execute(sa.select(audit.c.who, audit.c.action, audit.c.subject)).all()
    told = {
        "account": "acct_2",
        "livemode": True,
        "state": "installed",
        "reason": None,
        "installed_at": "2026-11-21T12:00:00.000Z",
        "closed_at": None,
        "refreshed_at": "2026-11-21T12:00:00.000Z",
        "own_licensekit_token": True,
    }
    ended = {"state": "closed", "reason": "ann disconnected it", "own_licensekit_token": False}
    assert before.as_json() == told
    assert after.as_json() == {**told, **ended, "closed_at": "2026-11-21T13:00:00.000Z"}
    assert [tuple(deed) for deed in deeds] == [("ann", "accounts.disconnect", "acct_2/live")]


def test_a_token_is_kept_sealed_and_only_for_who_is_connected(engine: Engine) -> None:
    """A closed account gets none back, and no deed is noted that was not done."""
    install(engine, licensekit_token=None)
    own = OwnToken(GUEST, Secret("lk_very_secret"))

    def give(token: OwnToken) -> bool:
        with transaction(engine) as tx:
            return set_licensekit_token(tx, token, VAULT, who="ann", now=LATER)

    given = give(own)
    kept = row_of(engine)["licensekit_token"]
    other = give(replace(own, which=ServedAccount("acct_2", False)))
    close(engine)
    late = give(own)

    assert (given, other, late) == (True, False, False)
    assert b"secret" not in kept
    assert VAULT.open(kept) == own.token
    assert row_of(engine)["licensekit_token"] is None
    with reading(engine) as connection:
        assert list(connection.scalars(sa.select(audit.c.action))) == ["accounts.licensekit-token"]
