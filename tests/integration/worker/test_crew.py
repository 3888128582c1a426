"""The threads of one worker: how many passes at once, what a bug costs, how they stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from shared.tables import passes
from tests.worlds.world import World, make_deps
from worker.crew import Crew
from worker.deps import Deps


def nobody() -> None:
    """There is no other worker to wake."""


def fresh(world: World) -> Deps:
    """Clients of its own, which the crew closes."""
    return make_deps(world.engine, world.stripe_url, world.books.url, world.clock)


@contextmanager
def crew_of(world: World, make_deps: Callable[[], Deps], threads: int = 4) -> Iterator[Crew]:
    crew = Crew(world.engine, make_deps, threads=threads, worker="crew", clock=world.clock)
    crew.start()
    try:
        yield crew
    finally:
        crew.close()


def buy(world: World, count: int) -> str:
    """So many sales of one product, told; its LicenseKit id."""
    price, policy = world.price()
    for _ in range(count):
        world.stripe.shop.buy(price)
    world.tell(world.stripe.shop.events())
    return policy.product_id


class Meeting:
    """A Stripe that answers only when so many passes ask at the same time."""

    def __init__(self, world: World, parties: int) -> None:
        self._stripe, self._met = world.deps.stripe, threading.Barrier(parties, timeout=30)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stripe, name)

    def session(self, account: str, session_id: str) -> Any:
        self._met.wait()
        return self._stripe.session(account, session_id)


def test_a_worker_runs_as_many_passes_at_once_as_it_has_threads(world: World) -> None:
    """Passes wait for services most of their time."""
    product = buy(world, 3)
    meeting: Any = Meeting(world, 3)

    with crew_of(world, lambda: replace(fresh(world), stripe=meeting), threads=3) as crew:
        assert crew.bring_to_rest(nobody) == 3

    assert len(world.books.licenses(product)) == 3


def test_a_worker_works_until_nothing_is_due(world: World) -> None:
    """One wake-up serves all that waits, more than there are threads."""
    product = buy(world, 5)

    with crew_of(world, lambda: fresh(world), threads=1) as crew:
        assert crew.bring_to_rest(nobody) >= 5
        assert crew.bring_to_rest(nobody) == 0

    assert len(world.books.licenses(product)) == 5


@pytest.mark.parametrize(("sales", "woken"), [(1, 0), (2, 1), (5, 1)])
def test_another_worker_is_woken_once_when_this_one_has_its_hands_full(
    world: World, sales: int, woken: int
) -> None:
    """More may be due than this worker has threads for."""
    buy(world, sales)
    calls: list[None] = []

    with crew_of(world, lambda: fresh(world), threads=2) as crew:
        crew.bring_to_rest(lambda: calls.append(None))

    assert len(calls) == woken


class Broken:
    """A bug of ours, or a Stripe that answers in a shape that nobody thought of."""

    def close(self) -> None:
        """Nothing was opened."""

    def __getattr__(self, name: str) -> Any:
        raise ZeroDivisionError("sk_test_secret stands in this error's text")


def test_a_bug_fails_one_sale_is_shown_without_its_text_and_tried_again(world: World) -> None:
    """The text of an error that is not ours could hold anything, so only its kind is kept."""
    product = buy(world, 1)
    broken: Any = Broken()

    with crew_of(world, lambda: replace(fresh(world), stripe=broken)) as crew:
        assert crew.bring_to_rest(nobody) == 1

    (row,) = world.rows(passes)
    assert row.status == "failed"
    assert "ZeroDivisionError" in row.error
    assert "sk_test_secret" not in row.error
    world.clock.move(minutes=1)
    world.run()
    assert len(world.books.licenses(product)) == 1


def test_a_worker_that_is_asked_to_stop_takes_no_more_sales(world: World) -> None:
    """What waits is left to the others."""
    buy(world, 2)

    with crew_of(world, lambda: fresh(world)) as crew:
        crew.stop()
        assert crew.bring_to_rest(nobody) == 0

    assert len(world.due()) == 2


def test_clients_are_made_once_for_each_thread(world: World) -> None:
    """A connection is opened once and kept."""
    buy(world, 6)
    made: list[Deps] = []

    def make() -> Deps:
        made.append(fresh(world))
        return made[-1]

    with crew_of(world, make, threads=2) as crew:
        crew.bring_to_rest(nobody)
        crew.bring_to_rest(nobody)

    assert 1 <= len(made) <= 2
