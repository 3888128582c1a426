"""Who did what, by command or over HTTP. Written together with the deed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shared.tables import audit


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did. Nothing of it may be a secret."""

    who: str  # "ada@workstation", "token:support"
    action: str  # the command's or the route's verb: "retry", "mappings.set"
    subject: str = ""  # the id it was about: "sub_1", "price_1"
    detail: Mapping[str, object] = field(default_factory=dict)


def note(tx: Connection, deed: Deed, *, now: datetime) -> None:
    """Write a deed down, in the transaction that does it."""
    row = {"who": deed.who, "action": deed.action, "subject": deed.subject}
    tx.execute(sa.insert(audit).values(**row, detail=dict(deed.detail), at=now))
