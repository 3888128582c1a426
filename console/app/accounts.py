"""The accounts that installed our app: listed, disconnected, given a LicenseKit token of their own.

Every change is written to the audit log, in the same transaction; no token is ever shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from console.audit import Deed, note
from console.fulfillments.values import stamp
from shared.accounts import INSTALLED, ServedAccount, close_account
from shared.secrets import Secret, Vault
from shared.tables import accounts


@dataclass(frozen=True, slots=True)
class Account:
    """One installation, without its tokens."""

    which: ServedAccount
    state: str  # installed | closed
    reason: str | None  # why it was closed
    installed_at: datetime
    closed_at: datetime | None
    refreshed_at: datetime | None
    own_licensekit: bool  # whether it has a LicenseKit token of its own

    def as_json(self) -> dict[str, Any]:
        return {
            "account": self.which.account,
            "livemode": self.which.livemode,
            "state": self.state,
            "reason": self.reason,
            "installed_at": stamp(self.installed_at),
            "closed_at": stamp(self.closed_at),
            "refreshed_at": stamp(self.refreshed_at),
            "own_licensekit_token": self.own_licensekit,
        }


def read_accounts(connection: Connection) -> list[Account]:
    """All that ever installed it, by name; of one account the test mode first."""
    query = sa.select(accounts).order_by(accounts.c.account, accounts.c.livemode)
    return [_account(row) for row in connection.execute(query)]


def disconnect(tx: Connection, which: ServedAccount, *, who: str, now: datetime) -> bool:
    """Serve it no more, and forget its tokens. False when it was not connected."""
    if not close_account(tx, which, f"{who} disconnected it", now=now):
        return False
    note(tx, Deed(who, "accounts.disconnect", str(which)), now=now)
    return True


@dataclass(frozen=True, slots=True)
class OwnToken:
    """A LicenseKit token for one account; an empty one takes it away again."""

    which: ServedAccount
    token: Secret

    def sealed(self, vault: Vault) -> bytes | None:
        return vault.seal(self.token) if self.token else None


def set_licensekit_token(
    tx: Connection, own: OwnToken, vault: Vault, *, who: str, now: datetime
) -> bool:
    """From its next pass on the account is served with it. False when it is not connected."""
    here = (accounts.c.account == own.which.account, accounts.c.livemode == own.which.livemode)
    changed = sa.update(accounts).where(*here, accounts.c.state == INSTALLED)
    values = changed.values(licensekit_token=own.sealed(vault)).returning(accounts.c.account)
    if tx.execute(values).first() is None:
        return False
    verb = "accounts.licensekit-token" + ("" if own.token else ".remove")
    note(tx, Deed(who, verb, str(own.which)), now=now)
    return True


def _account(row: Row[Any]) -> Account:
    return Account(
        which=ServedAccount(row.account, row.livemode),
        state=row.state,
        reason=row.reason,
        installed_at=row.installed_at,
        closed_at=row.closed_at,
        refreshed_at=row.refreshed_at,
        own_licensekit=row.licensekit_token is not None,
    )
