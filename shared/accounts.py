"""Whose sales we serve: our own account, connected ones, and those that installed our app."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shared.settings import Settings
from shared.tables import accounts

INSTALLED = "installed"
CLOSED = "closed"

_INSTALLED = accounts.c.state == INSTALLED


@dataclass(frozen=True, slots=True, order=True)
class ServedAccount:
    """An account in one mode. `account` is "" for our own."""

    account: str
    livemode: bool

    def __str__(self) -> str:
        return f"{self.account or 'own'}/{'live' if self.livemode else 'test'}"


def served_accounts(connection: Connection, settings: Settings) -> list[ServedAccount]:
    """Our own account and STRIPE_ACCOUNTS in the Stripe key's mode, and each installed one in its.

    Without a Stripe key only the installed ones.
    """
    return sorted(installed_accounts(connection) | set(named_accounts(settings)))


def installed_accounts(connection: Connection) -> frozenset[ServedAccount]:
    """The accounts that have our app installed, each in the modes in which it has."""
    query = sa.select(accounts.c.account, accounts.c.livemode).where(_INSTALLED)
    return frozenset(ServedAccount(row.account, row.livemode) for row in connection.execute(query))


def close_account(
    tx: Connection,
    which: ServedAccount,
    reason: str,
    *,
    now: datetime,
    told_at: datetime | None = None,
) -> bool:
    """Forget an installed account's tokens and serve it no more. Was it served until now?

    `told_at` is when we were told of it, by Stripe's clock: who installed the app after that stays.
    Licenses stand as they are: nothing is revoked.
    """
    here = [*_row(which), _INSTALLED]
    if told_at is not None:
        here.append(accounts.c.installed_at <= told_at)
    closed = sa.update(accounts).where(*here).values(**_forgotten(reason, now))
    return tx.execute(closed.returning(accounts.c.account)).first() is not None


def named_accounts(settings: Settings) -> Iterable[ServedAccount]:
    """Our own account and STRIPE_ACCOUNTS, in the mode of the Stripe key; none without a key."""
    livemode = settings.livemode
    if livemode is None:
        return ()
    return (ServedAccount(account, livemode) for account in ("", *settings.stripe_accounts))


def _forgotten(reason: str, now: datetime) -> dict[str, object]:
    gone = ("access_token", "access_until", "refresh_token", "licensekit_token")
    free = ("lease_token", "lease_until")
    closed = {"state": CLOSED, "reason": reason, "closed_at": now}
    return {**dict.fromkeys((*gone, *free)), **closed}


def _row(which: ServedAccount) -> tuple[sa.ColumnElement[bool], ...]:
    return accounts.c.account == which.account, accounts.c.livemode == which.livemode
