"""Gives a license key to a person, who gives it to the buyer; and says that it was given.

It is written down before a key is shown: what could be seen was given out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from console.audit import Deed, note
from shared.database import transaction
from shared.secrets import Secret, Vault
from shared.tables import escrow

AT_ONCE = 500  # keys a transaction: workers wait for it no longer than a moment
UNDELIVERED = escrow.c.delivered_at.is_(sa.null())


@dataclass(frozen=True, slots=True)
class Given:
    """Who gives, when, and how, for the audit log."""

    who: str
    now: datetime
    how: str = ""  # "by mail"


def give_out(
    engine: Engine, license_ids: Sequence[str], vault: Vault, given: Given
) -> list[tuple[str, Secret]]:
    """The keys, in the order asked for. Raises Unreadable, and then nothing was written."""
    with transaction(engine) as tx:
        query = sa.select(escrow.c.licensekit_id, escrow.c.sealed_key).where(
            escrow.c.licensekit_id.in_(license_ids)
        )
        sealed = {row.licensekit_id: row.sealed_key for row in tx.execute(query)}
        opened = [(one, vault.open(sealed[one])) for one in license_ids if one in sealed]
        for license_id, _ in opened:
            _write(tx, license_id, "keys.show", given)
    return opened


def mark_given(engine: Engine, license_ids: Sequence[str], given: Given) -> None:
    """They were given out otherwise; who was first stays written."""
    with transaction(engine) as tx:
        for license_id in license_ids:
            _write(tx, license_id, "keys.mark", given)


def take_back(engine: Engine, license_ids: Sequence[str], given: Given) -> None:
    """They were not given out after all: they wait again."""
    with transaction(engine) as tx:
        mine = escrow.update().where(escrow.c.licensekit_id.in_(license_ids))
        tx.execute(mine.values(delivered_at=None, delivered_by=None))
        for license_id in license_ids:
            _note(tx, license_id, "keys.unmark", given)


def mark_all_until(engine: Engine, until: datetime, given: Given) -> int:
    """All that were kept before then and wait were given out otherwise; some at a time."""
    marked = 0
    while batch := _mark_some(engine, until, given):
        marked += batch
    with transaction(engine) as tx:
        detail = {"until": until.isoformat(), "keys": marked, "how": given.how}
        note(tx, Deed(given.who, "keys.mark", detail=detail), now=given.now)
    return marked


def _mark_some(engine: Engine, until: datetime, given: Given) -> int:
    waiting = (
        sa.select(escrow.c.licensekit_id)
        .where(UNDELIVERED, escrow.c.created_at < until)
        .order_by(escrow.c.created_at)
        .limit(AT_ONCE)
    )
    with transaction(engine) as tx:
        some = list(tx.scalars(waiting))
        mine = escrow.update().where(escrow.c.licensekit_id.in_(some))
        tx.execute(mine.values(delivered_at=given.now, delivered_by=given.who))
    return len(some)


def _write(tx: Connection, license_id: str, action: str, given: Given) -> None:
    first = escrow.update().where(escrow.c.licensekit_id == license_id, UNDELIVERED)
    tx.execute(first.values(delivered_at=given.now, delivered_by=given.who))
    _note(tx, license_id, action, given)


def _note(tx: Connection, license_id: str, action: str, given: Given) -> None:
    detail = {"how": given.how} if given.how else {}
    note(tx, Deed(given.who, action, license_id, detail), now=given.now)
