"""What has to happen by the clock. Each task takes its slot in the database first, so that two
schedulers do everything once. Which tasks there are beside the ones here: `worker.schedule`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from redis import RedisError
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from structlog.contextvars import bound_contextvars

from shared.clock import Clock
from shared.database import reading, transaction
from shared.inbox import NO_HURRY, raise_hint
from shared.keys import SaleKey, StripeId
from shared.logs import get_logger
from shared.metrics import TASK_RUNS
from shared.queue import Waker
from shared.tables import sales, slots
from worker.errors import LeaseLost, PermanentError, TemporaryError
from worker.lease import any_due
from worker.releases import release_mapped

log = get_logger("scheduler")

SWEEP_SECONDS = 10  # with a lease of 30 s, a dead worker's sales move on within a minute
RELEASE_SECONDS = 60
PRUNE_SECONDS = 3_600
SLOTS_KEPT = timedelta(hours=1)
TICK_SECONDS = 1.0
STOP_SECONDS = 10.0  # for a long task to come to a place where it can stop
AT_ONCE = 500  # sales a transaction: many a grace ends at the same midnight


@dataclass(frozen=True, slots=True)
class Task:
    """Something that is done once in each slot of `every_seconds`.

    A long one has a thread of its own, so that the others don't wait for it.
    """

    name: str
    every_seconds: int
    work: Callable[[], object]
    long: bool = False

    def slot(self, now: datetime) -> datetime:
        """The beginning of the slot that `now` lies in."""
        seconds = int(now.timestamp())
        return datetime.fromtimestamp(seconds - seconds % self.every_seconds, UTC)


def sweep(engine: Engine, waker: Waker, *, now: datetime) -> bool:
    """Wake a worker when a sale is due that nobody is at. Returns whether one was."""
    raise_sleepers(engine, now=now)
    with reading(engine) as tx:
        due = any_due(tx, now=now)
    if due:
        waker.wake()
        log.info("queue.woken", by="sweep")
    return due


def raise_sleepers(engine: Engine, *, now: datetime) -> int:
    """Make those sales due whose `wake_at` has come, and forget it. Returns how many.

    Both in one transaction, so none is lost; a pass that needs another look says so anew.
    """
    raised = 0
    while found := _raise_some(engine, now=now):
        raised += found
    return raised


def _raise_some(engine: Engine, *, now: datetime) -> int:
    come = sales.c.wake_at <= now
    with reading(engine) as tx:
        if tx.execute(sa.select(sales.c.id).where(come).limit(1)).first() is None:
            return 0  # the usual case; no need to hold up writers for it
    # a row that another holds just now is left to the next look
    some = sa.select(sales).where(come).order_by(sales.c.wake_at).limit(AT_ONCE)
    with transaction(engine) as tx:
        rows = tx.execute(some.with_for_update(skip_locked=True)).all()
        awake = sales.c.id.in_([row.id for row in rows])
        tx.execute(sa.update(sales).where(awake).values(wake_at=None))
        for row in rows:
            key = SaleKey(row.account, row.livemode, row.kind, StripeId(row.object_id))
            raise_hint(tx, key, now=now, urgency=NO_HURRY)
    return len(rows)


def prune_slots(engine: Engine, *, now: datetime) -> None:
    """Forget slots that lie behind."""
    with transaction(engine) as tx:
        tx.execute(slots.delete().where(slots.c.slot < now - SLOTS_KEPT))


# What the next slot may mend: told in a line. All else is a fault of ours, told with its place.
PASSING = (sa.exc.SQLAlchemyError, RedisError, TemporaryError, PermanentError, LeaseLost)


class Scheduler:
    """Runs the tasks until it is stopped. Two side by side share the slots.

    `more` are tasks beside the ones that every scheduler has; long ones look at `stopping`.
    """

    def __init__(  # noqa: PLR0913 - what it works with, and what it does
        self,
        engine: Engine,
        waker: Waker,
        clock: Clock,
        *,
        name: str,
        more: Sequence[Task] = (),
        stopping: threading.Event | None = None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._name = name
        self._stop = stopping or threading.Event()
        self._running: dict[str, threading.Thread] = {}
        self._tasks = (
            Task("sweep", SWEEP_SECONDS, lambda: _swept(engine, waker, clock)),
            Task("release", RELEASE_SECONDS, lambda: _released(engine, waker, clock)),
            Task("prune-slots", PRUNE_SECONDS, lambda: prune_slots(engine, now=clock.now())),
            *more,
        )

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """Until stopped. A database or Redis that is down is tried again in the next slot."""
        while not self._stop.is_set():
            self.tick()
            self._stop.wait(TICK_SECONDS)
        self.wait(STOP_SECONDS)

    def wait(self, seconds: float) -> None:
        """For the long tasks that run, so long at most for each. They can be ended anywhere."""
        for thread in self._running.values():
            thread.join(seconds)

    def tick(self) -> list[str]:
        """Do what is due now and not taken by another scheduler; returns the tasks' names."""
        done = []
        for task in self._tasks:
            try:
                if self._busy(task) or not self._take(task):
                    continue
                self._start(task) if task.long else _run(task)
                done.append(task.name)
            except PASSING as error:
                _failed(task, type(error).__name__)
        return done

    def _busy(self, task: Task) -> bool:
        """Whether it still runs from an earlier slot."""
        return task.name in self._running and self._running[task.name].is_alive()

    def _start(self, task: Task) -> None:
        thread = threading.Thread(target=_run_long, args=(task,), name=task.name, daemon=True)
        self._running[task.name] = thread
        thread.start()

    def _take(self, task: Task) -> bool:
        slot = task.slot(self._clock.now())
        with reading(self._engine) as tx:
            if _taken(tx, task, slot):  # the usual case; no need to hold up writers for it
                return False
        with transaction(self._engine) as tx:
            insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
            row = insert(slots).values(task=task.name, slot=slot, taken_by=self._name)
            # not by the row count, which PostgreSQL's driver doesn't tell of an insert
            taken = row.on_conflict_do_nothing().returning(slots.c.task)
            return tx.execute(taken).first() is not None


def _run(task: Task) -> None:
    with bound_contextvars(task=task.name):
        task.work()
    TASK_RUNS.labels(task.name, "done").inc()


def _run_long(task: Task) -> None:
    try:
        _run(task)
    except (TemporaryError, PermanentError) as error:
        _failed(task, str(error))
    except PASSING as error:  # only its kind: a driver's text may hold addresses and values
        _failed(task, type(error).__name__)
    except Exception:  # a fault of ours must not end the other tasks
        TASK_RUNS.labels(task.name, "failed").inc()
        log.exception("task.broke", task=task.name)


def _failed(task: Task, error: str) -> None:
    TASK_RUNS.labels(task.name, "failed").inc()
    log.warning("task.failed", task=task.name, error=error)


def _taken(tx: Connection, task: Task, slot: datetime) -> bool:
    found = sa.select(slots.c.task).where(slots.c.task == task.name, slots.c.slot == slot)
    return tx.execute(found).first() is not None


def _released(engine: Engine, waker: Waker, clock: Clock) -> None:
    if release_mapped(engine, now=clock.now()):
        waker.wake()


def _swept(engine: Engine, waker: Waker, clock: Clock) -> None:
    sweep(engine, waker, now=clock.now())
