"""Events that were kept and refused: of a mode or an account that we don't serve."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from console.fulfillments.values import Filters
from shared.tables import REFUSED, events


@dataclass(frozen=True, slots=True)
class RefusedEvents:
    """All that were refused for one reason."""

    number: int
    newest: str  # "evt_…"
    reason: str

    def __str__(self) -> str:
        were = "1 event was" if self.number == 1 else f"{self.number} events were"
        return f"{were} refused, the last one {self.newest}: {self.reason}."


def read_refused(connection: Connection, filters: Filters) -> list[RefusedEvents]:
    """By reason, the most frequent first. None when something else than a time or event is asked
    for: a refused event has no sale, no pass and no license.
    """
    if filters.sale or filters.status or filters.customer or filters.license:
        return []
    number = sa.func.count()
    newest = sa.func.max(events.c.id)
    query = sa.select(number, newest, events.c.reason).where(REFUSED)
    if filters.event:
        query = query.where(events.c.event_id == filters.event)
    if filters.since:
        query = query.where(events.c.received_at >= filters.since)
    if filters.until:
        query = query.where(events.c.received_at < filters.until)
    found = connection.execute(query.group_by(events.c.reason).order_by(number.desc())).all()
    rows = sa.select(events.c.id, events.c.event_id).where(events.c.id.in_([f[1] for f in found]))
    names = {row.id: row.event_id for row in connection.execute(rows)}
    return [RefusedEvents(count, names[last], reason or "") for count, last, reason in found]
