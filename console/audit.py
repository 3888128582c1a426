"""Who did what, by command or over HTTP. Written together with the deed, read newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from console.fulfillments.values import DEFAULT_LIMIT, stamp
from shared.tables import audit


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did. Nothing of it may be a secret."""

    who: str  # "ada@workstation", "token:support"
    action: str  # the command's or the route's verb: "retry", "mappings.set"
    subject: str = ""  # the id it was about: "sub_1", "price_1"
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """Which deeds are asked for; all that is given must hold. None = any."""

    who: str | None = None  # "ada@workstation", or "ada" on any machine
    action: str | None = None  # "mappings.set", or "mappings" for all that begin with it
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A deed as it was noted."""

    number: int
    at: datetime
    deed: Deed

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "at": stamp(self.at),
            "who": self.deed.who,
            "action": self.deed.action,
            "subject": self.deed.subject,
            "detail": dict(self.deed.detail),
        }


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Rows newest first, and where the next page starts; None on the last."""

    rows: tuple[AuditRow, ...]
    next_cursor: int | None


def note(tx: Connection, deed: Deed, *, now: datetime) -> None:
    """Write a deed down, in the transaction that does it."""
    row = {"who": deed.who, "action": deed.action, "subject": deed.subject}
    tx.execute(sa.insert(audit).values(**row, detail=dict(deed.detail), at=now))


def read_audit(
    connection: Connection,
    filters: AuditFilters,
    *,
    before: int | None = None,
    limit: int = DEFAULT_LIMIT,
) -> AuditPage:
    """Deeds that fit. `before` is the `next_cursor` of the page before."""
    query = sa.select(audit).order_by(audit.c.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(audit.c.id < before)
    if filters.who is not None:
        query = query.where(_begins(audit.c.who, filters.who, "@"))
    if filters.action is not None:
        query = query.where(_begins(audit.c.action, filters.action, "."))
    if filters.subject is not None:
        query = query.where(audit.c.subject == filters.subject)
    if filters.since is not None:
        query = query.where(audit.c.at >= filters.since)
    if filters.until is not None:
        query = query.where(audit.c.at < filters.until)
    found = [audit_row(row) for row in connection.execute(query)]
    shown = tuple(found[:limit])
    return AuditPage(shown, shown[-1].number if len(found) > limit else None)


def audit_row(row: sa.Row[Any]) -> AuditRow:
    """A row of the table."""
    return AuditRow(row.id, row.at, Deed(row.who, row.action, row.subject, row.detail))


def _begins(column: sa.Column[str], text: str, separator: str) -> sa.ColumnElement[bool]:
    """The text itself, or what it is the first part of."""
    return sa.or_(column == text, column.startswith(f"{text}{separator}", autoescape=True))
