"""New passes as they close, for as long as somebody looks. Asks the database again and again.

Passes get their numbers when they open and close in any order, so what is open is remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from console.fulfillments.rows import read_fulfillments
from console.fulfillments.search import find_passes
from console.fulfillments.values import MAX_LIMIT, Filters, Fulfillment
from shared.database import reading
from shared.tables import passes

SLACK = 200  # numbers: what commits late may have a lower one than what was read already

Wait = Callable[[], bool]  # waits for a moment; False = nobody looks any more


@dataclass(slots=True)
class Follower:
    """Where somebody who follows the log is. Everything up to `low` was told or never will be."""

    filters: Filters
    low: int
    told: set[int] = field(default_factory=set)

    @classmethod
    def now(cls, connection: Connection, filters: Filters) -> Follower:
        """From now on: what is closed already is not told again."""
        high = _highest(connection)
        first = cls(filters, max(0, high - SLACK))
        first.told = set(first._closed(connection))
        first._move_on(connection, high)
        return first

    def skip(self, rows: Sequence[Fulfillment]) -> None:
        """Somebody was told these already."""
        self.told.update(row.pass_id for row in rows)

    def read_new(self, connection: Connection) -> list[Fulfillment]:
        """What closed since the last look, oldest first."""
        high = _highest(connection)
        new = [one for one in self._closed(connection) if one not in self.told]
        self.told.update(new)
        self._move_on(connection, high)
        found: list[Fulfillment] = []
        for start in range(0, len(new), MAX_LIMIT):
            found += reversed(read_fulfillments(connection, new[start : start + MAX_LIMIT]))
        return found

    def _closed(self, connection: Connection) -> list[int]:
        """Numbers after `low` of closed passes that fit, oldest first."""
        found: list[int] = []
        before: int | None = None
        while page := find_passes(
            connection, self.filters, before=before, after=self.low, limit=MAX_LIMIT
        ):
            found += page
            before = page[-1]
        running = set(self._running(connection))
        return sorted(one for one in found if one not in running)

    def _running(self, connection: Connection) -> Sequence[int]:
        query = sa.select(passes.c.id).where(passes.c.status == "running", passes.c.id > self.low)
        return connection.scalars(query.order_by(passes.c.id)).all()

    def _move_on(self, connection: Connection, high: int) -> None:
        running = self._running(connection)
        self.low = max(self.low, min([high - SLACK, *(one - 1 for one in running[:1])]))
        self.told = {one for one in self.told if one > self.low}


def follow(
    engine: Engine, follower: Follower, wait: Wait, *, interrupted: Callable[[], None]
) -> Iterator[list[Fulfillment]]:
    """Batches of passes as they close. `interrupted` is called once the database does not answer;
    it goes on where it was when the database is back.
    """
    answers = True
    while wait():
        try:
            with reading(engine) as connection:
                new = follower.read_new(connection)
        except SQLAlchemyError:
            if answers:
                interrupted()
            answers = False
            continue
        answers = True
        yield new


def _highest(connection: Connection) -> int:
    return connection.scalar(sa.select(sa.func.max(passes.c.id))) or 0
