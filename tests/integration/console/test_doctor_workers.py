"""What the check tells of Redis, the workers and the scheduler."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import redis

from console.doctor.scheduler import look_at_scheduler, look_at_sweeps
from console.doctor.wakeups import look_at_redis, look_at_workers, workers_finding
from shared.database import transaction
from shared.queue import Waker
from shared.tables import slots
from tests.integration.console.healthy import House, scheduler_ran, swept, worker_running

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def as_before(house: House, redis_session: str) -> None:
    """A Redis with nothing in it, and a clock that is right."""
    with redis.Redis.from_url(redis_session) as client:
        client.flushall()
    house.clock.moment = datetime.now(UTC)


def test_the_wake_ups_that_wait_are_counted(house: House, redis_session: str) -> None:
    """Many mean that no worker takes them."""
    assert house.one(look_at_redis) == ("ok", "answers; 0 wake-ups in the queue")

    waker = Waker(redis_session)
    waker.wake()
    waker.close()

    assert house.one(look_at_redis) == ("ok", "answers; 1 wake-up in the queue")


def test_without_redis_the_workers_are_not_told_of_twice(house: House) -> None:
    """Redis itself has its line."""
    away = {"REDIS_URL": "redis://127.0.0.1:1/0"}

    assert house.one(look_at_redis, **away)[0] == "fail"
    assert house.look(look_at_workers, **away) == []
    assert house.one(look_at_redis, REDIS_URL=None)[0] == "warn"
    assert house.look(look_at_workers, REDIS_URL=None) == []


def test_running_workers_are_counted(house: House, redis_session: str) -> None:
    """As they are registered in Redis."""
    with worker_running(redis_session), worker_running(redis_session):
        status, told = house.one(look_at_workers)

    assert status == "ok"
    assert told.startswith("2 running, last heard of ")


def test_without_a_worker_sales_wait(house: House) -> None:
    """A worker that was stopped has signed off."""
    status, told = house.one(look_at_workers)

    assert status == "fail"
    assert told.startswith("none is running, so sales wait Start one")


@pytest.mark.parametrize(
    ("ages_minutes", "status", "told"),
    [
        ([1, 3], "ok", "2 running, last heard of 60 s ago"),
        ([1, 30], "warn", "1 running, last heard of 60 s ago; 1 went silent"),
        ([30, 31], "fail", "none is running, so sales wait (2 went silent)"),
    ],
)
def test_a_worker_that_is_not_heard_of_any_more_is_told(
    ages_minutes: list[int], status: str, told: str
) -> None:
    """It is heard of once a minute, and not while a job runs, which ends after a minute."""
    heard = [NOON - timedelta(minutes=age) for age in ages_minutes]

    found = workers_finding(heard, now=NOON)

    assert (found.status, found.told) == (status, told)


def test_a_scheduler_that_takes_its_slots_is_alive(house: House) -> None:
    """The newest slot says when."""
    scheduler_ran(house.engine)
    assert house.one(look_at_scheduler)[0] == "ok"

    house.clock.move(minutes=5)
    status, told = house.one(look_at_scheduler)

    assert (status, "took its last slot 5 min ago" in told) == ("fail", True)


def test_a_scheduler_that_never_ran_is_told(house: House) -> None:
    """`/readyz` writes into the same table, with a date far in the past."""
    with transaction(house.engine) as tx:
        tx.execute(slots.delete())
    assert house.one(look_at_scheduler)[0] == "fail"

    with transaction(house.engine) as tx:
        long_ago = datetime(2000, 1, 1, tzinfo=UTC)
        tx.execute(slots.insert().values(task="readiness", slot=long_ago, taken_by="test"))
    status, told = house.one(look_at_scheduler)

    assert (status, "or never" in told) == ("fail", True)


@pytest.mark.parametrize(
    ("behind", "status", "told"),
    [
        (timedelta(minutes=5), "ok", "swept up to 5 min ago"),
        (timedelta(hours=2), "warn", "Is the scheduler running"),
        (timedelta(days=31), "fail", "fulfill sweep --since "),
    ],
)
def test_how_far_events_are_swept_is_told(
    house: House, behind: timedelta, status: str, told: str
) -> None:
    """Stripe lists an event for thirty days: what is older is read from its objects."""
    swept(house.engine, house.clock.now() - behind)

    found, text = house.one(look_at_sweeps)

    assert found == status
    assert told in text


def test_each_account_that_is_served_is_swept(house: House) -> None:
    """One that was added is told until its first sweep."""
    swept(house.engine, house.clock.now())

    own, theirs = house.look(look_at_sweeps, STRIPE_ACCOUNTS="acct_theirs")

    assert (own.name, own.status) == ("sweep", "ok")
    assert (theirs.name, theirs.status) == ("sweep acct_theirs", "warn")
    assert "not swept yet" in theirs.told
