"""Whose sales we serve: our own account, connected ones, and those that installed our app."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shared.settings import Settings
from shared.tables import accounts

INSTALLED = "installed"
CLOSED = "closed"


@dataclass(frozen=True, slots=True, order=True)
class ServedAccount:
    """An account in one mode. `account` is "" for our own."""

    account: str
    livemode: bool


def served_accounts(connection: Connection, settings: Settings) -> list[ServedAccount]:
    """Our own account and STRIPE_ACCOUNTS in the Stripe key's mode, and each installed one in its.

    Without a Stripe key only the installed ones.
    """
    installed = sa.select(accounts.c.account, accounts.c.livemode).where(
        accounts.c.state == INSTALLED
    )
    found = {ServedAccount(row.account, row.livemode) for row in connection.execute(installed)}
    return sorted(found | set(_by_settings(settings)))


def _by_settings(settings: Settings) -> Iterable[ServedAccount]:
    livemode = settings.livemode
    if livemode is None:
        return ()
    return (ServedAccount(account, livemode) for account in ("", *settings.stripe_accounts))
