"""What has to happen by the clock happens once, however many schedulers there are."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from redis import Redis
from sqlalchemy.engine import Engine

from shared.database import make_engine, reading, transaction
from shared.queue import Waker, connect, open_queue
from shared.tables import sales, slots
from tests.integration.worker.queue import Queue, sale
from worker.scheduler import AT_ONCE, SWEEP_SECONDS, Scheduler, raise_sleepers, sweep

NOBODY = "redis://127.0.0.1:9/0"  # nothing answers there


@pytest.fixture
def queue(engine: Engine) -> Queue:
    return Queue(engine)


def scheduler(queue: Queue, redis_url: str, name: str = "one") -> Scheduler:
    return Scheduler(queue.engine, Waker(redis_url), queue.clock, name=name)


def sleeper(number: int, now: datetime) -> dict[str, object]:
    """A sale at rest whose moment is now."""
    key = sale(number)
    named = {"account": key.account, "livemode": key.livemode, "kind": key.kind}
    moments = dict.fromkeys(("due_at", "hinted_at", "wake_at"), now)
    return {**named, "object_id": key.id, **moments}


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


def test_a_sale_is_looked_at_again_when_its_moment_has_come(queue: Queue, redis_url: str) -> None:
    """The end of a grace is no event of Stripe's; the sale itself says when to look."""
    queue.at_rest(sale(1), wake_in=timedelta(minutes=5))
    queue.at_rest(sale(2), wake_in=timedelta(minutes=6))

    early = sweep(queue.engine, Waker(redis_url), now=queue.clock.now())
    queue.clock.move(minutes=5)
    in_time = sweep(queue.engine, Waker(redis_url), now=queue.clock.now())

    assert (early, in_time) == (False, True)
    assert [lease.key for lease in queue.claim()] == [sale(1)]
    assert queue.row(sale(1)).wake_at is None
    assert queue.row(sale(2)).wake_at == queue.clock.now() + timedelta(minutes=1)


def test_the_moment_of_a_sale_comes_once(queue: Queue) -> None:
    """A second look finds it raised already, and a sale without a moment is left alone."""
    queue.at_rest(sale(1), wake_in=timedelta(0))
    queue.at_rest(sale(2), wake_in=None)

    assert raise_sleepers(queue.engine, now=queue.clock.now()) == 1
    assert raise_sleepers(queue.engine, now=queue.clock.now()) == 0
    assert queue.row(sale(1)).wanted_generation == 2
    assert queue.row(sale(2)).wanted_generation == 1


def test_many_moments_that_come_together_don_t_delay_a_new_sale(queue: Queue) -> None:
    """They are all raised, and all stand behind it in the queue."""
    names = range(1, AT_ONCE + 3)
    with transaction(queue.engine) as tx:
        tx.execute(sa.insert(sales), [sleeper(number, queue.clock.now()) for number in names])
    queue.hint(sale(9_999))

    assert raise_sleepers(queue.engine, now=queue.clock.now()) == len(names)
    assert [lease.key for lease in queue.claim(limit=1)] == [sale(9_999)]


def test_a_moment_that_comes_while_a_pass_is_under_way_is_not_lost(queue: Queue) -> None:
    """The sale is due again once the pass has closed."""
    queue.hint()
    (lease,) = queue.claim()
    queue.wake_in(sale(), timedelta(0))

    raise_sleepers(queue.engine, now=queue.clock.now())
    queue.settle(lease)

    assert [again.key for again in queue.claim()] == [sale()]


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
