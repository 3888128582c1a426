"""The queue in the database, in short words, by a clock that stands where a test puts it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database import reading, transaction
from shared.inbox import NORMAL, raise_hint
from shared.keys import SaleKey, StripeId
from shared.tables import events, passes, sales
from tests.worlds.clock import FixedClock
from worker.lease import Lease, claim_due, settle


def sale(number: int = 1) -> SaleKey:
    return SaleKey("", False, "subscription", StripeId(f"sub_{number}"))


@dataclass(slots=True)
class Queue:
    """Short ways to hint, claim and look."""

    engine: Engine
    clock: FixedClock = field(default_factory=FixedClock)

    def hint(self, *keys: SaleKey, urgency: int = NORMAL) -> None:
        with transaction(self.engine) as tx:
            for key in keys or (sale(),):
                raise_hint(tx, key, now=self.clock.now(), urgency=urgency)

    def claim(self, limit: int = 10, worker: str = "one") -> list[Lease]:
        return claim_due(self.engine, worker=worker, limit=limit, now=self.clock.now())

    def settle(self, lease: Lease, status: str = "settled") -> None:
        with transaction(self.engine) as tx:
            settle(tx, lease, status, {}, now=self.clock.now())

    def at_rest(self, key: SaleKey, *, wake_in: timedelta | None) -> None:
        """A sale that was looked at and wants another look then."""
        self.hint(key)
        (lease,) = self.claim()
        self.settle(lease)
        self.wake_in(key, wake_in)

    def wake_in(self, key: SaleKey, wait: timedelta | None) -> None:
        moment = None if wait is None else self.clock.now() + wait
        with transaction(self.engine) as tx:
            mine = sales.c.object_id == key.id
            tx.execute(sa.update(sales).where(mine).values(wake_at=moment))

    def row(self, key: SaleKey | None = None) -> Any:
        wanted = key or sale()
        with reading(self.engine) as tx:
            return tx.execute(sa.select(sales).where(sales.c.object_id == wanted.id)).one()

    def passes(self) -> list[Any]:
        with reading(self.engine) as tx:
            return list(tx.execute(sa.select(passes).order_by(passes.c.id)))

    def events(self) -> list[Any]:
        with reading(self.engine) as tx:
            return list(tx.execute(sa.select(events).order_by(events.c.id)))
