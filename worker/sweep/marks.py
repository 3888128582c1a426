"""How far each account's events were swept, and where the first look begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shared.accounts import ServedAccount
from shared.tables import events, sweep_marks


@dataclass(frozen=True, slots=True)
class Mark:
    """Nothing that was created from `since` to just before `moment` is missing in the inbox."""

    since: datetime  # where the first look began: what is older was never ours to take
    moment: datetime


def read_mark(tx: Connection, account: ServedAccount) -> Mark | None:
    """None before the first look."""
    row = tx.execute(sa.select(sweep_marks).where(*_of(account))).one_or_none()
    return None if row is None else Mark(row.since, row.moment)


def write_mark(tx: Connection, account: ServedAccount, mark: Mark, *, now: datetime) -> None:
    values = {"since": mark.since, "moment": mark.moment, "swept_at": now}
    changed = sweep_marks.update().where(*_of(account)).values(**values)
    if tx.execute(changed).rowcount == 0:
        named = {"account": account.account, "livemode": account.livemode}
        tx.execute(sa.insert(sweep_marks).values(**named, **values))


def oldest_event(tx: Connection, account: ServedAccount) -> datetime | None:
    """When the first event was created that came in for this account and counted."""
    mine = (
        events.c.account == account.account,
        events.c.livemode == account.livemode,
        events.c.state != "refused",
    )
    return tx.execute(sa.select(sa.func.min(events.c.created_at)).where(*mine)).scalar()


def _of(account: ServedAccount) -> tuple[sa.ColumnElement[bool], ...]:
    return sweep_marks.c.account == account.account, sweep_marks.c.livemode == account.livemode
