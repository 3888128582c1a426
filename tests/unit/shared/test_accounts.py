"""Whose sales are served: ours, those of the settings, and those that have our app. On both."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.accounts import (
    ServedAccount,
    close_account,
    installed_accounts,
    named_accounts,
    served_accounts,
)
from shared.database import reading, transaction
from shared.settings import Settings
from shared.tables import accounts

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TOKENS = ("access_token", "access_until", "refresh_token", "licensekit_token")
LEASE = ("lease_token", "lease_until")
GUEST = ServedAccount("acct_9", False)


def install(engine: Engine, which: ServedAccount = GUEST, **columns: Any) -> None:
    """An account that has our app since noon, with a LicenseKit token of its own, leased."""
    row = {
        "account": which.account,
        "livemode": which.livemode,
        "state": "installed",
        "access_token": b"sealed",
        "access_until": NOON + timedelta(hours=1),
        "refresh_token": b"sealed",
        "licensekit_token": b"sealed",
        "installed_at": NOON,
        "lease_token": "mine",
        "lease_until": NOON + timedelta(minutes=1),
    }
    with transaction(engine) as tx:
        tx.execute(sa.insert(accounts).values(**{**row, **columns}))


def row_of(engine: Engine, which: ServedAccount = GUEST) -> dict[str, Any]:
    query = sa.select(accounts).filter_by(account=which.account, livemode=which.livemode)
    with reading(engine) as tx:
        return dict(tx.execute(query).mappings().one())


def close(engine: Engine, which: ServedAccount = GUEST, told_at: datetime | None = None) -> bool:
    with transaction(engine) as tx:
        return close_account(tx, which, "uninstalled", now=NOON, told_at=told_at)


def served(engine: Engine, settings: Settings) -> list[str]:
    with reading(engine) as tx:
        return [str(one) for one in served_accounts(tx, settings)]


@pytest.mark.parametrize(
    ("account", "livemode", "says"),
    [
        ("", True, "own/live"),
        ("", False, "own/test"),
        ("acct_1", True, "acct_1/live"),
        ("acct_1", False, "acct_1/test"),
    ],
)
def test_an_account_is_told_with_its_mode(account: str, livemode: bool, says: str) -> None:
    """As the first half of a sale's key has it."""
    assert str(ServedAccount(account, livemode)) == says


def test_each_account_is_served_once_in_a_fixed_order(
    engine: Engine, make_settings: Callable[..., Settings]
) -> None:
    """Our own first; one of the settings that has our app too is no second one."""
    install(engine, ServedAccount("acct_2", False))
    install(engine, ServedAccount("acct_2", True))
    install(engine, ServedAccount("acct_3", True), state="closed")

    assert served(engine, make_settings(STRIPE_ACCOUNTS="acct_5,acct_2")) == [
        "own/test",
        "acct_2/test",
        "acct_2/live",
        "acct_5/test",
    ]


def test_without_a_stripe_key_only_those_with_our_app_are_served(
    engine: Engine, make_settings: Callable[..., Settings]
) -> None:
    """They bring a token of their own; whom we can't ask for, we don't serve."""
    settings = make_settings(STRIPE_SECRET_KEY=None, STRIPE_ACCOUNTS="acct_5")
    nobody = served(engine, settings)
    install(engine, ServedAccount("acct_9", True))

    assert nobody == []
    assert served(engine, settings) == ["acct_9/live"]


@pytest.mark.parametrize(("key", "livemode"), [("sk_test_1", False), ("rk_live_1", True)])
def test_accounts_of_the_settings_are_served_in_the_mode_of_our_key(
    make_settings: Callable[..., Settings], key: str, livemode: bool
) -> None:
    """One key opens one mode, of ours and of theirs."""
    settings = make_settings(STRIPE_SECRET_KEY=key, STRIPE_ACCOUNTS="acct_1")

    assert list(named_accounts(settings)) == [
        ServedAccount("", livemode),
        ServedAccount("acct_1", livemode),
    ]


def test_who_has_our_app_is_known_by_account_and_mode(engine: Engine) -> None:
    """Installed in test mode says nothing of live mode, and a closed one has it no more."""
    install(engine)
    install(engine, ServedAccount("acct_8", True), state="closed")

    with reading(engine) as tx:
        assert installed_accounts(tx) == {GUEST}


def test_a_closed_account_keeps_its_row_and_no_token(engine: Engine) -> None:
    """What is not kept can't leak; why and when it was closed stays for whoever asks."""
    install(engine, scope="stripe_apps", refreshed_at=NOON)

    assert close(engine)

    row = row_of(engine)
    assert [row[name] for name in (*TOKENS, *LEASE)] == [None] * 6
    assert (row["state"], row["reason"], row["closed_at"]) == ("closed", "uninstalled", NOON)
    assert (row["scope"], row["refreshed_at"], row["installed_at"]) == ("stripe_apps", NOON, NOON)


def test_only_the_account_and_mode_that_is_meant_is_closed(engine: Engine) -> None:
    """Its live installation, and everybody else's, goes on."""
    live, other = ServedAccount("acct_9", True), ServedAccount("acct_8", False)
    for which in (GUEST, live, other):
        install(engine, which)

    close(engine)

    with reading(engine) as tx:
        assert installed_accounts(tx) == {live, other}


@pytest.mark.parametrize(
    ("seconds", "closed"), [(-1, False), (0, True), (1, True)], ids=["before", "at", "after"]
)
def test_news_older_than_the_installation_closes_nothing(
    engine: Engine, seconds: int, closed: bool
) -> None:
    """Stripe delivers for three days: who uninstalled and came back stays."""
    install(engine)

    assert close(engine, told_at=NOON + timedelta(seconds=seconds)) is closed
    assert row_of(engine)["state"] == ("closed" if closed else "installed")


def test_closing_twice_keeps_the_first_reason(engine: Engine) -> None:
    """The second time it was not served, so nothing is told anew."""
    install(engine, state="closed", reason="disconnected by ada", closed_at=NOON)

    assert not close(engine)
    assert row_of(engine)["reason"] == "disconnected by ada"


def test_a_closing_that_does_not_commit_leaves_the_account_served(engine: Engine) -> None:
    """The event that tells of it is delivered again."""
    install(engine)

    with suppress(RuntimeError), transaction(engine) as tx:
        close_account(tx, GUEST, "uninstalled", now=NOON)
        raise RuntimeError("the program ends here")

    assert row_of(engine)["access_token"] == b"sealed"


@pytest.mark.parametrize(
    ("key", "environment"),
    [
        ("", {}),
        ("sk_test_ours", {"STRIPE_SECRET_KEY": "sk_test_ours"}),
        ("", {"STRIPE_SECRET_KEY": "rk_test_ours"}),
        ("", {"STRIPE_SECRET_KEY": "sk_live_ours"}),
        (
            "sk_test_app",
            {
                "STRIPE_SECRET_KEY": "sk_test_ours",
                "STRIPE_APP_TEST_CLIENT_SECRET": "sk_test_app",
                "STRIPE_APP_CLIENT_SECRET": "sk_live_app",
            },
        ),
    ],
    ids=["none", "ours", "restricted", "other mode", "the owner's"],
)
def test_the_apps_owner_has_a_key_in_each_mode(
    make_settings: Callable[..., Settings], key: str, environment: dict[str, str]
) -> None:
    """Given by itself, or our own where we own the app; a restricted key exchanges no code."""
    settings = make_settings(**{"STRIPE_SECRET_KEY": None, **environment})

    assert settings.app_key(livemode=False).reveal() == key
