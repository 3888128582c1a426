"""One pass per sale at a time, and no sale left behind; on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from shared.database import transaction
from tests.integration.worker.queue import Queue, sale
from worker.errors import LeaseBusy, LeaseLost
from worker.lease import LEASE_SECONDS, Keeper, Lease, any_due, claim, hold, postpone


@pytest.fixture
def queue(engine: Engine) -> Queue:
    return Queue(engine)


def ids(leases: list[Lease]) -> list[str]:
    return [lease.key.id for lease in leases]


def due(queue: Queue) -> bool:
    with queue.engine.connect() as connection, connection.begin():
        return any_due(connection, now=queue.clock.now())


def test_a_hint_makes_a_sale_due_and_a_claim_takes_it(queue: Queue) -> None:
    """The database is the queue."""
    assert queue.claim() == []

    queue.hint()

    assert due(queue)
    assert ids(queue.claim()) == ["sub_1"]
    assert not due(queue)


def test_the_most_urgent_sale_comes_first_and_then_the_one_that_waits_longest(
    queue: Queue,
) -> None:
    """A buyer who looks at a page is served before a sweep."""
    queue.hint(sale(1), urgency=9)
    queue.hint(sale(2))
    queue.clock.move(seconds=1)
    queue.hint(sale(3))
    queue.hint(sale(4), urgency=1)

    assert ids(queue.claim(limit=3)) == ["sub_4", "sub_2", "sub_3"]


def test_pain_02_many_claimers_at_once_never_get_one_sale_twice(
    engines: Callable[..., Engine], database_url: str
) -> None:
    """Two workers that look at the same moment share the sales between them."""
    queue = Queue(engines(database_url))
    keys = [sale(number) for number in range(40)]
    queue.hint(*keys)
    start = threading.Barrier(4)

    def take(worker: int) -> list[str]:
        start.wait()
        found: list[str] = []
        while leases := queue.claim(limit=3, worker=str(worker)):
            found += ids(leases)
        return found

    with ThreadPoolExecutor(4) as pool:
        taken = [name for names in pool.map(take, range(4)) for name in names]

    # PostgreSQL skips what another holds right now, so a claimer may stop early
    taken += ids(queue.claim(limit=40))
    assert sorted(taken) == sorted(key.id for key in keys)


def test_a_settled_sale_is_at_rest(queue: Queue) -> None:
    """What the pass covered is seen."""
    queue.hint()
    (lease,) = queue.claim()

    queue.settle(lease)

    row = queue.row()
    assert (row.wanted_generation, row.seen_generation, row.status) == (1, 1, "settled")
    assert queue.claim() == []


def test_pain_04_a_hint_during_a_pass_keeps_the_sale_due(queue: Queue) -> None:
    """The pass may have read before that change, so there is another one."""
    queue.hint()
    (lease,) = queue.claim()
    queue.clock.move(seconds=5)
    queue.hint()

    queue.settle(lease)

    assert (queue.row().seen_generation, queue.row().hinted_at) == (1, queue.clock.now())
    assert ids(queue.claim()) == ["sub_1"]


def test_many_hints_are_one_pass(queue: Queue) -> None:
    """A burst of events costs no burst of passes."""
    queue.hint(*[sale()] * 7)
    (lease,) = queue.claim()

    queue.settle(lease)

    assert (lease.span.start, lease.span.end) == (0, 7)
    assert queue.claim() == []


def test_pain_04_a_dead_workers_sale_is_taken_over_when_its_lease_runs_out(queue: Queue) -> None:
    """Not before, and the lost pass is shown as failed."""
    queue.hint()
    queue.claim(worker="dead")
    queue.clock.move(seconds=LEASE_SECONDS - 1)
    assert queue.claim() == []

    queue.clock.move(seconds=1)

    assert ids(queue.claim(worker="alive")) == ["sub_1"]
    assert [(row.worker, row.status) for row in queue.passes()] == [
        ("dead", "failed"),
        ("alive", "running"),
    ]


def test_a_worker_that_lost_its_lease_can_write_nothing(queue: Queue) -> None:
    """Neither a step nor the end of its pass."""
    queue.hint()
    (slow,) = queue.claim()
    queue.clock.move(seconds=LEASE_SECONDS)
    (fresh,) = queue.claim()

    with pytest.raises(LeaseLost), transaction(queue.engine) as tx:
        hold(tx, slow, now=queue.clock.now())
    with pytest.raises(LeaseLost):
        queue.settle(slow)
    with pytest.raises(LeaseLost), transaction(queue.engine) as tx:
        postpone(tx, slow, until=queue.clock.now(), now=queue.clock.now())

    queue.settle(fresh)
    assert queue.row().status == "settled"


def test_writing_prolongs_the_lease(queue: Queue) -> None:
    """A pass that makes progress keeps its sale."""
    queue.hint()
    (lease,) = queue.claim()
    queue.clock.move(seconds=LEASE_SECONDS - 1)

    with transaction(queue.engine) as tx:
        hold(tx, lease, now=queue.clock.now())

    queue.clock.move(seconds=LEASE_SECONDS - 1)
    assert queue.claim() == []


def test_a_keeper_prolongs_what_it_is_given_until_it_forgets_it(queue: Queue) -> None:
    """A pass that waits long for a service keeps its sale too."""
    queue.hint()
    (lease,) = queue.claim()
    keeper = Keeper(queue.engine, queue.clock)
    keeper.keep(lease)
    for _ in range(5):
        queue.clock.move(seconds=LEASE_SECONDS - 1)
        keeper.prolong()
        assert queue.claim() == []

    keeper.forget(lease)
    queue.clock.move(seconds=LEASE_SECONDS)

    assert ids(queue.claim()) == ["sub_1"]


def test_a_pass_that_hangs_is_not_kept_for_ever(queue: Queue) -> None:
    """After a quarter of an hour somebody else may try."""
    queue.hint()
    (lease,) = queue.claim()
    keeper = Keeper(queue.engine, queue.clock)
    keeper.keep(lease)

    queue.clock.move(minutes=15)
    keeper.prolong()

    assert ids(queue.claim()) == ["sub_1"]


def test_a_keepers_thread_ends_when_it_is_told(queue: Queue) -> None:
    """Nothing runs on after the worker."""
    keeper = Keeper(queue.engine, queue.clock)
    keeper.start()

    keeper.stop()

    assert "lease-keeper" not in [thread.name for thread in threading.enumerate()]


def test_a_postponed_sale_waits_and_counts_its_failures(queue: Queue) -> None:
    """Its hints stay unseen."""
    queue.hint()
    (lease,) = queue.claim()
    until = queue.clock.now() + timedelta(seconds=8)

    with transaction(queue.engine) as tx:
        postpone(tx, lease, until=until, now=queue.clock.now())

    assert queue.claim() == []
    queue.clock.move(seconds=8)
    (again,) = queue.claim()
    assert (again.attempts, again.span.start, again.span.end) == (1, 0, 1)


def test_a_new_hint_ends_the_waiting(queue: Queue) -> None:
    """Something changed, so it may go well now."""
    queue.hint()
    (lease,) = queue.claim()
    with transaction(queue.engine) as tx:
        later = queue.clock.now() + timedelta(hours=1)
        postpone(tx, lease, until=later, now=queue.clock.now())

    queue.hint()

    (again,) = queue.claim()
    assert again.attempts == 0


def test_a_sale_can_be_claimed_by_name_at_any_time(queue: Queue) -> None:
    """Due or not, known or not: for a person's command."""
    lease = claim(queue.engine, sale(7), worker="command", now=queue.clock.now())

    assert (lease.key.id, lease.span.end) == ("sub_7", 1)


def test_a_sale_that_somebody_is_at_is_busy_and_looked_at_once_more(queue: Queue) -> None:
    """The command waits its turn, and its wish is not lost."""
    queue.hint()
    (lease,) = queue.claim()

    with pytest.raises(LeaseBusy, match="another worker is at sub_1"):
        claim(queue.engine, sale(), worker="command", now=queue.clock.now())

    queue.settle(lease)
    assert ids(queue.claim()) == ["sub_1"]
