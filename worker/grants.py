"""What Stripe grants to our app, written down: sealed, and both tokens in one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from shared.accounts import INSTALLED
from shared.inbox import NO_HURRY, raise_hint
from shared.keys import SaleKey, StripeId
from shared.secrets import Vault
from shared.tables import accounts, problems, sales
from worker.gateways.stripe_oauth import Grant

CLOSED_CAUSE = "account_closed"  # the problem of a sale whose account has our app no more


def keep_installation(tx: Connection, grant: Grant, vault: Vault, *, now: datetime) -> int:
    """From now on this account is served with its own tokens; installing again replaces them.

    Returns how many of its sales waited for that, and are due now.
    """
    values = {
        **sealed_pair(grant, vault, now=now),
        **dict.fromkeys(("reason", "closed_at", "lease_token", "lease_until")),
        "state": INSTALLED,
        "installed_at": now,
    }
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    row = insert(accounts).values(
        account=grant.which.account, livemode=grant.which.livemode, **values
    )
    tx.execute(row.on_conflict_do_update(index_elements=["account", "livemode"], set_=values))
    return _raise_waiting(tx, grant, now)


def sealed_pair(grant: Grant, vault: Vault, *, now: datetime) -> dict[str, object]:
    """The columns that hold a grant."""
    return {
        "scope": grant.scope,
        "access_token": vault.seal(grant.access_token),
        "access_until": now + timedelta(seconds=grant.access_seconds),
        "refresh_token": vault.seal(grant.refresh_token),
        "refreshed_at": now,
    }


def _raise_waiting(tx: Connection, grant: Grant, now: datetime) -> int:
    """In the order in which all who raise several lock them, so that none waits for another."""
    waiting = sa.select(problems.c.sale_id).where(problems.c.cause == CLOSED_CAUSE)
    columns = (sales.c.account, sales.c.livemode, sales.c.kind, sales.c.object_id)
    mine = (sales.c.account == grant.which.account, sales.c.livemode == grant.which.livemode)
    rows = tx.execute(
        sa.select(*columns).where(*mine, sales.c.id.in_(waiting)).order_by(*columns)
    ).all()
    for row in rows:
        key = SaleKey(row.account, row.livemode, row.kind, StripeId(row.object_id))
        raise_hint(tx, key, now=now, urgency=NO_HURRY)
    return len(rows)
