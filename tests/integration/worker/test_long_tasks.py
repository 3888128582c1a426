"""What takes long has a thread of its own, so that what is due each second is done each second."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy.engine import Engine
from structlog.testing import capture_logs

from shared.queue import Waker
from shared.settings import Settings
from shared.tables import sweeps
from tests.integration.worker.queue import Queue
from tests.worlds.licensekit import TOKEN
from tests.worlds.object_sweeps import ask
from tests.worlds.sweeping import first_look
from tests.worlds.world import STRIPE_KEY, World
from worker.errors import TemporaryError
from worker.schedule import Long
from worker.scheduler import SWEEP_SECONDS, Scheduler, Task

PATIENCE_SECONDS = 60


@pytest.fixture
def queue(engine: Engine) -> Queue:
    return Queue(engine)


def scheduler(queue: Queue, *tasks: Task) -> Scheduler:
    return Scheduler(queue.engine, Waker(""), queue.clock, name="one", more=tasks)


def test_a_slow_task_holds_up_no_other_and_runs_once_at_a_time(queue: Queue) -> None:
    """The slot that comes while it runs is left; the one after it is taken."""
    begun, go_on, runs = threading.Event(), threading.Event(), []

    def slow() -> None:
        runs.append(1)
        begun.set()
        go_on.wait(PATIENCE_SECONDS)

    one = scheduler(queue, Task("slow", SWEEP_SECONDS, slow, long=True))

    first = one.tick()
    begun.wait(PATIENCE_SECONDS)
    queue.clock.move(seconds=SWEEP_SECONDS)
    meanwhile = one.tick()
    go_on.set()
    one.wait(PATIENCE_SECONDS)
    queue.clock.move(seconds=SWEEP_SECONDS)
    after = one.tick()
    one.wait(PATIENCE_SECONDS)

    assert ["slow" in done for done in (first, meanwhile, after)] == [True, False, True]
    assert all("sweep" in done for done in (first, meanwhile, after))
    assert len(runs) == 2


@pytest.mark.parametrize("error", [TemporaryError("Stripe is away"), RuntimeError("a bug")])
def test_a_task_that_fails_is_told_and_tried_again_in_the_next_slot(
    queue: Queue, error: Exception
) -> None:
    """Neither ends the scheduler."""

    def fail() -> None:
        raise error

    one = scheduler(queue, Task("failing", SWEEP_SECONDS, fail, long=True))
    with capture_logs() as told:
        for _ in range(2):
            assert "failing" in one.tick()
            one.wait(PATIENCE_SECONDS)
            queue.clock.move(seconds=SWEEP_SECONDS)

    assert [line["task"] for line in told if line["event"].startswith("task.")] == ["failing"] * 2


def test_without_a_stripe_key_there_is_nothing_to_fetch_and_it_is_said_once(
    make_settings: Callable[..., Settings], engine: Engine, queue: Queue
) -> None:
    """The scheduler runs all the same."""
    settings = make_settings(STRIPE_SECRET_KEY=None)
    with capture_logs() as told:
        tasks = Long(settings, engine, Waker(""), queue.clock, threading.Event()).tasks()
        one = scheduler(queue, *tasks)
        one.tick()
        queue.clock.move(minutes=10)
        one.tick()

    assert tasks == ()
    assert [line["event"] for line in told].count("sweep.skipped") == 1


def test_pain_25_the_scheduler_fetches_what_never_arrived(
    world: World, make_settings: Callable[..., Settings]
) -> None:
    """Every five minutes, by itself; a pass does the rest."""
    price, policy = world.price()
    first_look(world)
    world.stripe.shop.buy(price)
    world.clock.move(minutes=6)
    settings = make_settings(STRIPE_SECRET_KEY=STRIPE_KEY, STRIPE_API_BASE=world.stripe_url)
    long = Long(settings, world.engine, Waker(""), world.clock, threading.Event())
    one = Scheduler(world.engine, Waker(""), world.clock, name="one", more=long.tasks())

    done = one.tick()
    one.wait(PATIENCE_SECONDS)
    world.run()

    assert "sweep-events" in done
    assert len(world.books.licenses(policy.product_id)) == 1


@pytest.mark.parametrize("hindrance", ["none", "Stripe is away", "the scheduler is stopped"])
def test_the_scheduler_carries_out_a_sweep_that_somebody_asked_for(
    world: World, make_settings: Callable[..., Settings], hindrance: str
) -> None:
    """One that is hindered is put off with the reason, and taken up again by itself."""
    price, _ = world.price()
    world.stripe.shop.buy(price)
    ask(world)
    stopping = threading.Event()
    long = Long(_settings(world, make_settings), world.engine, Waker(""), world.clock, stopping)
    match hindrance:
        case "Stripe is away":
            world.stripe.switch(answer_429=1.0, retry_after_seconds=90, should_retry=False)
        case "the scheduler is stopped":
            stopping.set()

    long.sweep_objects()
    (first,) = world.rows(sweeps)
    world.stripe.switch(answer_429=0.0)
    stopping.clear()
    world.clock.move(seconds=90)
    long.sweep_objects()
    (second,) = world.rows(sweeps)

    states = first.state, first.error and first.error.partition(":")[0]
    assert (
        states
        == {
            "none": ("done", None),
            "Stripe is away": ("running", "Stripe asks us to slow down"),
            "the scheduler is stopped": ("running", "the scheduler was stopped"),
        }[hindrance]
    )
    assert (second.state, second.error, len(world.due())) == ("done", None, 1)


def _settings(world: World, make_settings: Callable[..., Settings]) -> Settings:
    """A scheduler's that can look at sales: it needs what a worker needs."""
    return make_settings(
        STRIPE_SECRET_KEY=STRIPE_KEY,
        STRIPE_API_BASE=world.stripe_url,
        LICENSEKIT_BASE_URL=world.books.url,
        LICENSEKIT_API_TOKEN=TOKEN,
        DATABASE_URL=str(world.engine.url),
    )


def test_a_sweep_over_objects_waits_for_a_scheduler_that_can_look(
    world: World, make_settings: Callable[..., Settings]
) -> None:
    """Without LicenseKit's token no plan can be made: the wish stays, and the log says why."""
    ask(world)
    settings = make_settings(
        STRIPE_SECRET_KEY=STRIPE_KEY, STRIPE_API_BASE=world.stripe_url, LICENSEKIT_API_TOKEN=None
    )

    with capture_logs() as told:
        tasks = Long(settings, world.engine, Waker(""), world.clock, threading.Event()).tasks()

    assert [task.name for task in tasks] == ["sweep-events"]
    assert "LICENSEKIT_API_TOKEN" in told[0]["reason"]


def test_a_scheduler_that_is_stopped_asks_its_long_tasks_to_end(queue: Queue) -> None:
    """They share the word."""
    stopping = threading.Event()
    task = Task("long", SWEEP_SECONDS, lambda: stopping.wait(PATIENCE_SECONDS), long=True)
    one = Scheduler(
        queue.engine, Waker(""), queue.clock, name="one", more=[task], stopping=stopping
    )
    one.tick()

    one.stop()
    one.wait(PATIENCE_SECONDS)

    queue.clock.move(seconds=SWEEP_SECONDS)
    assert "long" in one.tick()  # it ended, or it would still be busy
