"""Access tokens of the accounts that installed our app: read, and renewed in good time.

They live for an hour, and their refresh token rolls on every use: whoever renews holds a lease in
the database, and stores the new pair before anybody uses it. A program that dies between Stripe's
answer and that commit has lost the pair; the account is closed at the next try, and says why.
"""

from __future__ import annotations

import secrets as random
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine, Row

from shared.accounts import INSTALLED, ServedAccount, close_account
from shared.clock import Clock
from shared.database import reading, transaction
from shared.logs import get_logger
from shared.secrets import Secret, Unreadable, Vault
from shared.tables import accounts
from worker.errors import PermanentError, TemporaryError
from worker.gateways.stripe_oauth import Grant, GrantRefused, StripeOAuth
from worker.grants import CLOSED_CAUSE, sealed_pair

log = get_logger("accounts")

RENEW_AHEAD = timedelta(minutes=5)  # longer than any pass; meanwhile the old token still serves
LEASE = timedelta(seconds=60)  # Stripe's answer is waited for 25 s at most
LONGEST_WAIT_SECONDS = 10.0  # for another program that renews just now
LOOK_AGAIN_SECONDS = 0.05


class AccountClosed(PermanentError):
    """The account uninstalled our app, or was disconnected: its sales are not fulfilled."""


@dataclass(frozen=True, slots=True)
class Access:
    """How an account is served now. `sealed` tells one pair of tokens from the next."""

    which: ServedAccount
    sealed: bytes = field(repr=False)
    token: Secret
    licensekit_token: Secret | None  # None = LICENSEKIT_API_TOKEN


class AccessTokens:
    """Serves any number of threads and programs at once."""

    def __init__(self, engine: Engine, vault: Vault, oauth: StripeOAuth, clock: Clock) -> None:
        self._engine = engine
        self._vault = vault
        self._oauth = oauth
        self._clock = clock

    def read(self, which: ServedAccount) -> Access | None:
        """None for an account that never installed our app. Raises AccountClosed, TemporaryError.

        Asks Stripe where the token is about to run out.
        """
        give_up_at = time.monotonic() + LONGEST_WAIT_SECONDS
        while True:
            row = self._row(which)
            if row is None:
                return None
            if row.state != INSTALLED:
                raise _closed(which, row.reason)
            left = row.access_until - self._clock.now()
            if left > RENEW_AHEAD:
                return self._access(which, row)
            if self._renewed(which, row):
                continue
            if left > timedelta():  # another is at it, and this one still serves
                return self._access(which, row)
            if time.monotonic() > give_up_at:
                raise TemporaryError(
                    f"Another program renews the token of {which} and is not done yet. "
                    "The sale is tried again by itself.",
                    after_seconds=LOOK_AGAIN_SECONDS,
                )
            time.sleep(LOOK_AGAIN_SECONDS)

    def doubt(self, access: Access) -> None:
        """Stripe refused this access token: the next use fetches a new one, or finds out why."""
        void = sa.update(accounts).where(*_row(access.which), _same_access(access.sealed))
        with transaction(self._engine) as tx:
            tx.execute(void.values(access_until=self._clock.now()))

    def _row(self, which: ServedAccount) -> Row[Any] | None:
        with reading(self._engine) as tx:
            return tx.execute(sa.select(accounts).where(*_row(which))).first()

    def _access(self, which: ServedAccount, row: Row[Any]) -> Access:
        own = row.licensekit_token
        token = self._open(row.access_token)
        return Access(which, row.access_token, token, self._open(own) if own else None)

    def _open(self, sealed: bytes) -> Secret:
        try:
            return self._vault.open(sealed)
        except Unreadable as error:
            raise TemporaryError(f"The tokens of an account can't be read. {error}") from None

    def _renewed(self, which: ServedAccount, seen: Row[Any]) -> bool:
        """False when another is at it, or was done before us."""
        lease = self._lease(which, seen)
        if lease is None:
            return False
        try:
            grant = self._oauth.refresh(self._open(seen.refresh_token), livemode=which.livemode)
            if grant.which != which:
                raise TemporaryError(f"Stripe answered for {grant.which} when asked for {which}.")
            self._store(grant, _ours(seen, lease))
        except GrantRefused:
            self._close(which, _ours(seen, lease))
        except TemporaryError:
            self._free(which, lease)
            raise
        return True

    def _lease(self, which: ServedAccount, seen: Row[Any]) -> str | None:
        """Only while the row is as it was seen: whoever comes second reads it again."""
        lease, now = random.token_hex(16), self._clock.now()
        free = sa.or_(accounts.c.lease_until.is_(None), accounts.c.lease_until <= now)
        taken = (
            sa.update(accounts)
            .where(*_row(which), free, _same_refresh(seen), _same_access(seen.access_token))
            .where(accounts.c.access_until == seen.access_until)
            .values(lease_token=lease, lease_until=now + LEASE)
            .returning(accounts.c.account)
        )
        with transaction(self._engine) as tx:
            return lease if tx.execute(taken).first() else None

    def _store(self, grant: Grant, ours: sa.ColumnElement[bool]) -> None:
        """Unless the app was installed anew meanwhile, which gave a newer pair."""
        now = self._clock.now()
        stored = sa.update(accounts).where(*_row(grant.which), ours)
        pair = sealed_pair(grant, self._vault, now=now)
        with transaction(self._engine) as tx:
            tx.execute(stored.values(**pair, lease_token=None, lease_until=None))
        log.info("account.refreshed", account=str(grant.which))

    def _close(self, which: ServedAccount, ours: sa.ColumnElement[bool]) -> None:
        reason = (
            "Stripe takes its refresh token no more: the app was uninstalled there, or a program "
            "stopped just while it renewed the token, or the app developer's key is of another "
            "Stripe account"
        )
        unchanged = sa.select(accounts.c.account).where(*_row(which), ours)
        with transaction(self._engine) as tx:
            if tx.execute(unchanged.with_for_update()).first():
                close_account(tx, which, reason, now=self._clock.now())
                log.warning("account.closed", account=str(which), reason=reason)

    def _free(self, which: ServedAccount, lease: str) -> None:
        mine = sa.update(accounts).where(*_row(which), accounts.c.lease_token == lease)
        with transaction(self._engine) as tx:
            tx.execute(mine.values(lease_token=None, lease_until=None))


def _row(which: ServedAccount) -> tuple[sa.ColumnElement[bool], ...]:
    return accounts.c.account == which.account, accounts.c.livemode == which.livemode


def _same_refresh(seen: Row[Any]) -> sa.ColumnElement[bool]:
    # sealing the same secret twice gives two texts, so the sealed one names this very pair
    sealed: bytes = seen.refresh_token
    return accounts.c.refresh_token == sealed


def _ours(seen: Row[Any], lease: str) -> sa.ColumnElement[bool]:
    """The row still holds what was exchanged: sealed anew perhaps, if our lease stands;
    unchanged, if our lease ran out.
    """
    return sa.or_(accounts.c.lease_token == lease, _same_refresh(seen))


def _same_access(sealed: bytes) -> sa.ColumnElement[bool]:
    return accounts.c.access_token == sealed


def _closed(which: ServedAccount, reason: str) -> AccountClosed:
    mode = "live" if which.livemode else "test"
    return AccountClosed(
        f"{which.account} is not connected any more: {reason}. Its buyers keep what stands, and "
        "nothing new is issued or changed. Have it install the app again at "
        f"/stripe/oauth/install?mode={mode}; what waits goes on by itself then.",
        cause=CLOSED_CAUSE,
        subject=which.account,
    )
