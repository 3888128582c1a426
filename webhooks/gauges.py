"""What stands in database and Redis, as metrics: read when somebody asks, each by an index.

The same whichever program is asked, so whoever adds up over machines takes the highest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from sqlalchemy.engine import Connection, Engine

from shared.database import UtcDateTime, reading
from shared.queue import connect, open_queue
from shared.tables import FETCHED, escrow, events, findings, problems, sales, sweep_marks

DAY = timedelta(days=1)


class Gauges(Collector):
    """A page that is asked for while the database is down has all but these, and says so."""

    def __init__(self, engine: Engine, redis_url: str) -> None:
        """Without a `redis_url` nothing is told of Redis."""
        self._engine = engine
        self._queue = open_queue(connect(redis_url)) if redis_url else None

    def collect(self) -> Iterable[Metric]:
        yield from self._database(datetime.now(UTC))
        yield from self._redis()

    def _database(self, now: datetime) -> Iterator[Metric]:
        found: list[Metric] = []
        try:
            with reading(self._engine) as tx:
                for read in READERS:
                    found += read(tx, now)
        except sa.exc.SQLAlchemyError:
            found = []
        yield _gauge("database_up", "Whether the database answers", int(bool(found)))
        yield from found

    def _redis(self) -> Iterator[Metric]:
        if self._queue is None:
            return
        waiting = None
        with suppress(RedisError, OSError):
            waiting = self._queue.count
        yield _gauge("redis_up", "Whether Redis answers", int(waiting is not None))
        if waiting is not None:
            yield _gauge("wakeups_waiting", "Wake-ups that no worker has taken", waiting)


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"fulfill_{name}", about, value=value)


def _by(name: str, about: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(f"fulfill_{name}", about, labels=[label])
    for named, value in values:
        family.add_metric([named], value)
    return family


def _seconds(now: datetime, then: datetime | None) -> float:
    return 0.0 if then is None else max(0.0, (now - then).total_seconds())


def _sales(tx: Connection, now: datetime) -> list[Metric]:
    leased = sales.c.lease_until > sa.literal(now, UtcDateTime)
    query = sa.select(
        sa.func.count(),
        sa.func.min(sales.c.hinted_at),
        sa.func.coalesce(sa.func.sum(sa.case((leased, 1), else_=0)), 0),
    ).where(sales.c.wanted_generation > sales.c.seen_generation)
    due, oldest, at_work = tx.execute(query).one()
    return [
        _gauge("sales_due", "Sales with a hint that no pass has seen", due),
        _gauge("inbox_age_seconds", "Age of the oldest unseen hint", _seconds(now, oldest)),
        _gauge("sales_leased", "Sales that a pass is at", at_work),
    ]


def _problems(tx: Connection, _now: datetime) -> list[Metric]:
    query = sa.select(problems.c.cause, sa.func.count()).group_by(problems.c.cause)
    rows = [(cause, count) for cause, count in tx.execute(query)]
    return [_by("problems", "Open problems, by cause", "cause", rows)]


def _keys(tx: Connection, _now: datetime) -> list[Metric]:
    waiting = sa.select(sa.func.count()).select_from(escrow).where(escrow.c.delivered_at.is_(None))
    count = tx.execute(waiting).scalar_one()
    return [_gauge("keys_undelivered", "License keys that nobody was given yet", count)]


def _sweeps(tx: Connection, now: datetime) -> list[Metric]:
    """By whose events they are, not by account: there may be many."""
    own = sa.case((sweep_marks.c.account == "", "own"), else_="connected")
    query = sa.select(own, sa.func.min(sweep_marks.c.moment)).group_by(own)
    lags = [(whose, _seconds(now, moment)) for whose, moment in tx.execute(query)]
    fetched = sa.select(sa.func.count()).where(FETCHED, events.c.received_at > now - DAY)
    return [
        _by("sweep_lag_seconds", "How far behind now Stripe's events are swept", "accounts", lags),
        _gauge(
            "events_never_delivered",
            "Events of the last day that only the sweep found",
            tx.execute(fetched).scalar_one(),
        ),
    ]


def _findings(tx: Connection, now: datetime) -> list[Metric]:
    rows = tx.execute(sa.select(findings)).all()
    return [
        _by(
            "findings",
            "What an invariant found when it was looked at last",
            "invariant",
            [(row.invariant, row._mapping["count"]) for row in rows],
        ),
        _by(
            "finding_age_seconds",
            "Since when an invariant was not looked at",
            "invariant",
            [(row.invariant, _seconds(now, row.checked_at)) for row in rows],
        ),
    ]


Reader = Callable[[Connection, datetime], list[Metric]]
READERS: tuple[Reader, ...] = (_sales, _problems, _keys, _sweeps, _findings)
