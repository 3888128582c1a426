"""A sweep that was killed goes on where it stopped, and one that takes away too much is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.database import reading, transaction
from shared.tables import sales, sweeps
from tests.worlds.licensekit import Policy
from tests.worlds.object_sweeps import ask, carry_out, open_means, plans, sweep_objects
from tests.worlds.world import World, open_world
from worker.errors import LeaseBusy, LeaseLost, TemporaryError
from worker.gateways import stripe_lists
from worker.gateways.stripe_lists import ListPage, StripeLists
from worker.plan.guard import Limits
from worker.sweep import looks
from worker.sweep.objects import ObjectSweep, Stopped
from worker.sweep.requests import (
    LEASE_SECONDS,
    Sweep,
    put_off,
    read_sweep,
    save,
    stop,
    take,
    take_next,
)

SOLD = 9


class Killed(Exception):
    """The program is gone at this moment."""


class DiesAfter(StripeLists):
    """Answers some pages, and then the program is killed. Keeps what was asked."""

    def __init__(self, lists: StripeLists, pages: int) -> None:
        self._lists = lists
        self._left = pages
        self.asked: list[str] = []

    def page(self, account: str, path: str, *args: object, **params: object) -> ListPage:
        if self._left == 0:
            raise Killed
        self._left -= 1
        self.asked.append(path)
        return self._lists.page(account, path, *args, **params)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Policy]]:
    """Nine sales of one product, none of which we know, on pages of two."""
    with (
        pytest.MonkeyPatch.context() as patch,
        open_world(tmp_path_factory.mktemp("sweeps")) as world,
    ):
        patch.setattr(stripe_lists, "PAGE", 2)
        price, policy = world.price()
        for _ in range(SOLD):
            world.stripe.shop.buy(price)
        yield world, policy


@pytest.fixture
def world(shop: tuple[World, Policy]) -> World:
    """With nothing due and no sweep under way."""
    world, _ = shop
    with transaction(world.engine) as tx:
        tx.execute(sales.update().values(seen_generation=sales.c.wanted_generation))
        tx.execute(sweeps.update().values(state="done", lease_until=None))
    return world


def read(world: World, sweep_id: int) -> Sweep:
    with reading(world.engine) as tx:
        sweep = read_sweep(tx, sweep_id)
    assert sweep is not None
    return sweep


def test_a_sweep_killed_in_the_middle_of_a_list_goes_on_after_the_last_page(world: World) -> None:
    """Nothing is read twice, and each sale is found."""
    sweep_id = ask(world, dry_run=True)
    dies = DiesAfter(world.deps.stripe.lists, 4)
    with open_means(world, lists=dies) as means, pytest.raises(Killed):
        carry_out(world, sweep_id, means)
    half = read(world, sweep_id)

    world.clock.move(seconds=LEASE_SECONDS)
    whole = DiesAfter(world.deps.stripe.lists, 1_000)
    with open_means(world, lists=whole) as means:
        done = carry_out(world, sweep_id, means)

    assert half.progress["own/test/checkout_session"]["read"] == 6
    assert whole.asked.count("/v1/checkout/sessions") == 2
    assert done.progress["own/test/checkout_session"]["read"] == SOLD
    assert plans(done).changes["issue-license"] == SOLD


def test_a_last_object_that_was_deleted_meanwhile_begins_its_list_anew(world: World) -> None:
    """A draft invoice may go; the list can't go on after it, and finds the others known."""
    sweep_id = ask(world, dry_run=True)
    sweep = take(world.engine, sweep_id, now=world.clock.now())
    progress = {"own/test/checkout_session": {"read": 2, "last": "cs_gone", "done": False}}
    with transaction(world.engine) as tx:
        save(tx, sweep, {"progress": progress}, now=world.clock.now())
    world.clock.move(seconds=LEASE_SECONDS)

    with open_means(world) as means:
        done = carry_out(world, sweep_id, means)

    assert plans(done).changes["issue-license"] == SOLD


def test_a_sweep_killed_while_it_looks_does_not_look_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was seen is kept with each sale, its plan too."""
    sweep_id = ask(world, dry_run=True)
    seen: list[str] = []
    look_of = looks.look_of

    def counted(*args: object) -> object:
        if len(seen) == 3:
            raise Killed
        seen.append(str(args[0]))
        return look_of(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(looks, "look_of", counted)
    monkeypatch.setattr("worker.sweep.objects.LOOKS_FOR_EACH", 1)
    with open_means(world) as means, pytest.raises(Killed):
        carry_out(world, sweep_id, means)
    world.clock.move(seconds=LEASE_SECONDS)
    monkeypatch.setattr(looks, "look_of", look_of)
    with open_means(world) as means:
        done = carry_out(world, sweep_id, means)

    assert len(seen) == 3
    assert done.report is not None
    assert len(done.report["plans"]) == SOLD


def test_a_sweep_killed_while_it_raises_raises_each_sale_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sale and the note that it was raised are one commit."""
    monkeypatch.setattr("worker.sweep.objects.RAISED_AT_ONCE", 4)
    before = {row.object_id: row.wanted_generation for row in world.rows(sales)}
    sweep_id = ask(world)
    with open_means(world) as means:
        sweep = take(world.engine, sweep_id, now=world.clock.now())

        def kill() -> None:
            raise Killed

        with pytest.raises(Killed):
            ObjectSweep(sweep, replace(means, wake=kill)).run()
    some = len(world.due())
    world.clock.move(seconds=LEASE_SECONDS)
    with open_means(world) as means:
        done = carry_out(world, sweep_id, means)

    assert (some, len(world.due()), plans(done).raised) == (4, SOLD, SOLD)
    raised = [row.wanted_generation - before.get(row.object_id, 0) for row in world.rows(sales)]
    assert raised == [1] * SOLD


def test_a_sweep_that_is_stopped_waits_for_a_person(world: World) -> None:
    """A scheduler leaves it alone; whoever names it goes on."""
    sweep_id = ask(world, dry_run=True)
    sweep = take(world.engine, sweep_id, now=world.clock.now())
    with open_means(world) as means:
        means.stopping.set()
        with pytest.raises(Stopped):
            ObjectSweep(sweep, means).run()
    with transaction(world.engine) as tx:
        stop(tx, sweep)

    assert take_next(world.engine, now=world.clock.now() + timedelta(days=1)) is None
    with open_means(world) as means:
        assert carry_out(world, sweep_id, means).state == "done"


def test_two_programs_never_carry_out_one_sweep(world: World) -> None:
    """The second one finds it leased; one that lost its lease writes no more."""
    sweep_id = ask(world, dry_run=True)
    first = take_next(world.engine, now=world.clock.now())
    assert first is not None

    with pytest.raises(LeaseBusy):
        take(world.engine, sweep_id, now=world.clock.now())
    assert take_next(world.engine, now=world.clock.now()) is None

    world.clock.move(seconds=LEASE_SECONDS)
    second = take_next(world.engine, now=world.clock.now())
    assert second is not None
    with open_means(world) as means, pytest.raises(LeaseLost):
        ObjectSweep(first, means).run()


def test_a_sweep_that_is_put_off_is_taken_up_when_its_time_has_come(world: World) -> None:
    """Stripe was away; the reason stands with it meanwhile."""
    ask(world, dry_run=True)
    now = world.clock.now()
    sweep = take_next(world.engine, now=now)
    assert sweep is not None
    with transaction(world.engine) as tx:
        put_off(tx, sweep, "Stripe is away", until=now + timedelta(minutes=2))

    assert take_next(world.engine, now=now + timedelta(minutes=1)) is None
    again = take_next(world.engine, now=now + timedelta(minutes=2))
    assert again is not None
    assert (again.id, again.error) == (sweep.id, "Stripe is away")


def test_a_service_that_stays_away_ends_the_run_and_loses_nothing(world: World) -> None:
    """The sweep is where it was."""
    sweep_id = ask(world, dry_run=True)
    world.stripe.switch(answer_429=1.0, retry_after_seconds=60, should_retry=False)
    with open_means(world) as means, pytest.raises(TemporaryError):
        carry_out(world, sweep_id, means)
    world.stripe.switch(answer_429=0.0)

    world.clock.move(seconds=LEASE_SECONDS)
    with open_means(world) as means:
        assert carry_out(world, sweep_id, means).state == "done"


def test_a_sweep_that_would_take_away_too_much_is_refused_with_both_numbers(
    world: World, shop: tuple[World, Policy]
) -> None:
    """Half of all buyers would lose their license: it needs a person's word."""
    world.raise_all()
    sweep_objects(world)
    world.run()
    for payment in world.stripe.shop.books.all("payment_intent")[:4]:
        world.stripe.shop.refund(payment_intent=payment["id"])
    limits = Limits(max_share_percent=20)
    sweep_id = ask(world)

    with open_means(world, limits=limits) as means:
        refused = carry_out(world, sweep_id, means)
        none_due = world.due()
        with pytest.raises(LeaseBusy):
            take(world.engine, sweep_id, now=world.clock.now())
        forced = carry_out(world, sweep_id, means, force=True)

    assert (refused.state, none_due) == ("refused", [])
    assert refused.report is not None
    assert refused.report["guard"].startswith(f"4 of {SOLD} sales would have licenses revoked")
    assert (forced.state, plans(forced).raised, len(world.due())) == ("done", 4, 4)
    world.run()
    licenses = world.books.licenses(shop[1].product_id)
    assert sorted(one["status"] for one in licenses) == ["active"] * 5 + ["revoked"] * 4
