"""One pass per sale at a time: a claim in the database that runs out and can be taken over.

Every write of a pass goes through `hold`, so a pass that lost its lease can't write. The database
is the queue: what is due is read here, not from Redis.
"""

from __future__ import annotations

import secrets as random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from shared.clock import Clock
from shared.database import UtcDateTime, reading, transaction
from shared.inbox import NORMAL, raise_hint
from shared.journal import Span, open_pass
from shared.keys import SaleKey, StripeId
from shared.tables import events, sales
from worker.errors import LeaseBusy, LeaseLost

LEASE_SECONDS = 30  # with a sweep every 10 s, a dead worker's sales move on within a minute
RENEW_SECONDS = 10  # two renewals may fail before a lease runs out
LONGEST_PASS_SECONDS = 900  # a pass that hangs longer loses its lease; each call ends within 90 s


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write for one sale, and the pass that was opened with it."""

    sale_id: int
    key: SaleKey
    token: str
    pass_id: int
    span: Span  # the generations this pass covers
    attempts: int  # failed passes in a row before this one
    urgency: int = NORMAL


def claim_due(engine: Engine, *, worker: str, limit: int, now: datetime) -> list[Lease]:
    """Lease up to `limit` due sales, the most urgent first, and open a pass for each."""
    due = (
        sa.select(sales)
        .where(*_due(now))
        .order_by(sales.c.urgency, sales.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    with reading(engine) as tx:
        if not any_due(tx, now=now):  # looked at often; holds up no writer
            return []
    with transaction(engine) as tx:
        return [_lease(tx, row, worker, now) for row in tx.execute(due).all()]


def any_due(tx: Connection, *, now: datetime) -> bool:
    """Whether a sale is due that nobody is at."""
    return tx.execute(sa.select(sales.c.id).where(*_due(now)).limit(1)).first() is not None


def claim(engine: Engine, key: SaleKey, *, worker: str, now: datetime) -> Lease:
    """Lease this sale now, due or not; it is raised first. Raises LeaseBusy while it is leased."""
    with transaction(engine) as tx:
        raise_hint(tx, key, now=now)
        row = tx.execute(sa.select(sales).where(*_named(key)).with_for_update()).one()
        if row.lease_until is None or row.lease_until <= now:
            return _lease(tx, row, worker, now)
    # after the commit: the raise must stay
    raise LeaseBusy(
        f"another worker is at {key.id} until {row.lease_until:%H:%M:%S} UTC at the latest. The "
        "sale was raised, so it is looked at once more after that pass."
    )


def find_sale(tx: Connection, key: SaleKey) -> int | None:
    """The row of a sale, or None while we know nothing of it."""
    return tx.execute(sa.select(sales.c.id).where(*_named(key))).scalar_one_or_none()


def sales_of_customer(tx: Connection, customer: SaleKey) -> list[SaleKey]:
    """Every sale of this customer that a pass has read, in the order in which they are raised."""
    mine = sa.select(sales).where(
        sales.c.account == customer.account,
        sales.c.livemode == customer.livemode,
        sales.c.customer_id == customer.id,
        sales.c.kind != "customer",
    )
    rows = tx.execute(mine.order_by(sales.c.kind, sales.c.object_id))
    return [SaleKey(r.account, r.livemode, r.kind, StripeId(r.object_id)) for r in rows]


def hold(tx: Connection, lease: Lease, *, now: datetime) -> None:
    """Prolong the lease inside the transaction that writes. Raises LeaseLost if it was taken."""
    if not _prolong(tx, lease, now):
        raise LeaseLost(f"{lease.key.id} was taken over by another worker")


def settle(
    tx: Connection, lease: Lease, status: str, facts: dict[str, Any], *, now: datetime
) -> None:
    """Give the lease back with the covered hints seen. A hint that came meanwhile keeps it due.

    `facts` are the sale's own columns to write with it: customer_id, bought.
    """
    _give_back(
        tx,
        lease,
        {"status": status, "seen_generation": lease.span.end, "attempts": 0, "due_at": now} | facts,
        now,
    )


def postpone(tx: Connection, lease: Lease, *, until: datetime, now: datetime) -> None:
    """Give the lease back with the hints unseen, to try again at `until`."""
    # a hint that came meanwhile may be the cure: it doesn't wait for the retry
    due_at = _if_newer(lease, _moment(now), _moment(until))
    retry = {"status": "failed", "attempts": lease.attempts + 1, "due_at": due_at}
    _give_back(tx, lease, retry, now)


def move(tx: Connection, lease: Lease, to: SaleKey, *, now: datetime) -> None:
    """Hand the hints of an object to the sale it belongs to, events, urgency and all."""
    generation = raise_hint(tx, to, now=now, urgency=lease.urgency)
    sale_id = find_sale(tx, to)
    tx.execute(
        events.update()
        .where(events.c.sale_id == lease.sale_id, events.c.generation <= lease.span.end)
        .values(sale_id=sale_id, generation=generation)
    )
    tx.execute(sales.update().where(sales.c.id == lease.sale_id).values(moved_to=sale_id))


def _named(key: SaleKey) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        sales.c.account == key.account,
        sales.c.livemode == key.livemode,
        sales.c.kind == key.kind,
        sales.c.object_id == key.id,
    )


def _due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        sales.c.wanted_generation > sales.c.seen_generation,
        sales.c.due_at <= now,
        sa.or_(sales.c.lease_until.is_(None), sales.c.lease_until <= now),
    )


def _lease(tx: Connection, row: Row[Any], worker: str, now: datetime) -> Lease:
    token = random.token_hex(8)
    span = Span(row.seen_generation, row.wanted_generation)
    tx.execute(
        sales.update()
        .where(sales.c.id == row.id)
        .values(lease_token=token, lease_until=now + timedelta(seconds=LEASE_SECONDS))
    )
    return Lease(
        sale_id=row.id,
        key=SaleKey(row.account, row.livemode, row.kind, StripeId(row.object_id)),
        token=token,
        pass_id=open_pass(tx, row.id, span, worker=worker, now=now),
        span=span,
        attempts=row.attempts,
        urgency=row.urgency,
    )


def _prolong(tx: Connection, lease: Lease, now: datetime) -> bool:
    return _write(tx, lease, {"lease_until": now + timedelta(seconds=LEASE_SECONDS)})


def _give_back(tx: Connection, lease: Lease, values: dict[str, Any], now: datetime) -> None:
    hinted = _if_newer(lease, _moment(now), sales.c.hinted_at)
    seen = "seen_generation" in values
    changes = values | {"lease_token": None, "lease_until": None}
    if not _write(tx, lease, changes | ({"hinted_at": hinted} if seen else {})):
        raise LeaseLost(f"{lease.key.id} was taken over by another worker")


def _if_newer(
    lease: Lease, then: sa.ColumnElement[datetime], otherwise: sa.ColumnElement[datetime]
) -> sa.ColumnElement[datetime]:
    """`then` where a hint came during the pass."""
    newer = sales.c.wanted_generation > lease.span.end
    return sa.case((newer, then), else_=otherwise)


def _moment(moment: datetime) -> sa.ColumnElement[datetime]:
    """With its zone: a bare datetime inside CASE would take on the PostgreSQL session's."""
    return sa.literal(moment, UtcDateTime)


def _write(tx: Connection, lease: Lease, values: dict[str, Any]) -> bool:
    ours = sales.update().where(sales.c.id == lease.sale_id, sales.c.lease_token == lease.token)
    return tx.execute(ours.values(**values)).rowcount == 1


class Keeper:
    """Prolongs the leases of the passes that run in this program, from a thread of its own."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._kept: dict[str, tuple[Lease, datetime]] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease-keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def keep(self, lease: Lease) -> None:
        with self._lock:
            self._kept[lease.token] = (lease, self._clock.now())

    def forget(self, lease: Lease) -> None:
        with self._lock:
            self._kept.pop(lease.token, None)

    def prolong(self) -> None:
        """Prolong each kept lease once. One that is lost stays lost; its pass finds out itself."""
        now = self._clock.now()
        with self._lock:
            due = self._due(now)
        for lease in due:
            with transaction(self._engine) as tx:
                _prolong(tx, lease, now)

    def _due(self, now: datetime) -> Sequence[Lease]:
        longest = timedelta(seconds=LONGEST_PASS_SECONDS)
        return [lease for lease, since in self._kept.values() if now - since < longest]

    def _run(self) -> None:
        while not self._stop.wait(RENEW_SECONDS):
            try:
                self.prolong()
            except sa.exc.SQLAlchemyError:
                continue  # the next turn, or the pass's own write, prolongs it
