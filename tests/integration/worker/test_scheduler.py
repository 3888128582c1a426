"""What has to happen by the clock happens once, however many schedulers there are."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from redis import Redis
from sqlalchemy.engine import Engine

from shared.database import make_engine, reading
from shared.queue import Waker, connect, open_queue
from shared.tables import slots
from tests.integration.worker.queue import Queue
from worker.scheduler import SWEEP_SECONDS, Scheduler, sweep

NOBODY = "redis://127.0.0.1:9/0"  # nothing answers there


@pytest.fixture
def queue(engine: Engine) -> Queue:
    return Queue(engine)


def scheduler(queue: Queue, redis_url: str, name: str = "one") -> Scheduler:
    return Scheduler(queue.engine, Waker(redis_url), queue.clock, name=name)


def waiting(redis_url: str) -> int:
    with connect(redis_url) as connection:
        return int(open_queue(connection).count)


def test_pain_05_a_sale_that_nobody_was_woken_for_is_swept_up(queue: Queue, redis_url: str) -> None:
    """Redis was flushed, or down: the database still knows what is due."""
    queue.hint()

    assert sweep(queue.engine, Waker(redis_url), now=queue.clock.now())
    assert waiting(redis_url) == 1


def test_a_sale_at_rest_wakes_nobody(queue: Queue, redis_url: str) -> None:
    """Nor does one that a worker is at."""
    assert not sweep(queue.engine, Waker(redis_url), now=queue.clock.now())
    queue.hint()
    queue.claim()

    assert not sweep(queue.engine, Waker(redis_url), now=queue.clock.now())
    assert waiting(redis_url) == 0


def test_two_schedulers_sweep_once_in_each_slot(queue: Queue, redis_url: str) -> None:
    """Each task takes its slot in the database first."""
    one, two = scheduler(queue, redis_url), scheduler(queue, redis_url, "two")

    first = [one.tick(), two.tick(), one.tick()]
    queue.clock.move(seconds=SWEEP_SECONDS)
    second = [two.tick(), one.tick()]

    assert first == [["sweep", "release", "prune-slots"], [], []]
    assert second[0].count("sweep") == 1
    assert second[1] == []


def test_many_schedulers_at_the_same_moment_do_everything_once(
    queue: Queue, redis_url: str
) -> None:
    """The database decides who came first."""
    done: list[str] = []
    start = threading.Barrier(4)

    def tick(name: str) -> None:
        one = scheduler(queue, redis_url, name)
        start.wait()
        done.extend(one.tick())

    threads = [threading.Thread(target=tick, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(done) == ["prune-slots", "release", "sweep"]


def test_slots_that_lie_behind_are_forgotten(queue: Queue, redis_url: str) -> None:
    """The table stays small."""
    one = scheduler(queue, redis_url)
    one.tick()
    queue.clock.move(hours=3)

    one.tick()

    with reading(queue.engine) as tx:
        oldest = tx.execute(sa.select(sa.func.min(slots.c.slot))).scalar_one()
    assert oldest >= queue.clock.now() - timedelta(hours=1)


def test_pain_05_a_redis_that_is_down_does_not_stop_the_scheduler(queue: Queue) -> None:
    """The next slot tries again."""
    queue.hint()
    one = scheduler(queue, NOBODY)

    assert "sweep" not in one.tick()

    queue.clock.move(seconds=SWEEP_SECONDS)
    assert "sweep" not in one.tick()


def test_a_database_that_is_down_does_not_stop_the_scheduler(redis_url: str) -> None:
    """Nor does that."""
    nowhere = make_engine("postgresql+psycopg://nobody@127.0.0.1:9/nothing")

    assert scheduler(Queue(nowhere), redis_url).tick() == []


def test_a_scheduler_runs_until_it_is_stopped(queue: Queue, redis_url: str) -> None:
    """It is asked to end and ends; what was due has been done."""
    one = scheduler(queue, redis_url)
    queue.hint()
    thread = threading.Thread(target=one.run, daemon=True)
    with Redis.from_url(redis_url) as connection:
        thread.start()
        try:
            # a look that blocks, so that nothing is waited for by the clock
            woken = connection.blpop(["rq:queue:fulfill"], timeout=20)
        finally:
            one.stop()
            thread.join(20)

    assert woken is not None
    assert not thread.is_alive()
