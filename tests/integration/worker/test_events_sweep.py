"""Events that never arrived are fetched from Stripe, each once, and their sales are made due."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from shared.database import reading
from shared.inbox import FETCHED
from shared.moments import from_unix
from shared.tables import events, sales, sweep_marks, sweeps
from tests.worlds.sweeping import PARTNER, first_look, follow_stripe, found, inbox, sweep_events
from tests.worlds.world import MONTH, World
from worker.errors import TemporaryError
from worker.gateways.stripe_lists import ListPage, StripeLists
from worker.sweep import events as module
from worker.sweep.requests import read_sweep


class DiesAfter(StripeLists):
    """Answers some pages, and then the program is killed."""

    def __init__(self, lists: StripeLists, pages: int) -> None:
        self._lists = lists
        self._left = pages

    def page(self, *args: object, **params: object) -> ListPage:
        if self._left == 0:
            raise TemporaryError("killed")
        self._left -= 1
        return self._lists.page(*args, **params)  # type: ignore[arg-type]


def listened(world: World) -> list[str]:
    """The ids of all events that we listen to."""
    return [one["id"] for one in world.stripe.shop.events() if one["type"] in module.ROUTES]


def known(world: World) -> list[str]:
    return [row.event_id for row in world.rows(events)]


def test_pain_25_a_sale_of_which_no_event_arrived_is_found_by_the_sweep(both_worlds: World) -> None:
    """Its events are fetched, marked as never delivered, and its license is issued."""
    world = both_worlds
    price, policy = world.price("subscription", recurring=MONTH)
    first_look(world)

    world.stripe.advance(days=2)
    world.stripe.shop.subscribe(price)
    first = sweep_events(world)
    world.run()
    echoes = sweep_events(world)  # of our own write-backs, which did not arrive either
    world.run()

    (license_,) = world.books.licenses(policy.product_id)
    assert license_["status"] == "active"
    assert first.raised > 0
    assert first.never_delivered + echoes.never_delivered == len(known(world))
    assert {row.secret for row in world.rows(events)} == {FETCHED}
    assert sorted(known(world)) == sorted(listened(world))
    assert found(sweep_events(world)) == (0, 0)


def test_an_event_that_was_delivered_is_left_as_it_is(world: World) -> None:
    """The overlap sees it again, and it stays one row with the secret that signed it."""
    price, _ = world.price()
    world.stripe.shop.buy(price)
    follow_stripe(world)
    world.hear_all()

    look = sweep_events(world)

    assert (look.looked_at > 0, look.raised) == (True, 0)
    assert {secret for _, kind, secret in inbox(world) if kind.startswith("checkout")} == {0}


def test_a_new_installation_fulfills_no_old_sale_by_itself(world: World) -> None:
    """The first look only sets the mark; nor does the overlap of later looks reach back."""
    price, policy = world.price()
    world.stripe.shop.buy(price)
    world.stripe.advance(seconds=120)

    first = sweep_events(world)
    world.stripe.advance(seconds=120)
    second = sweep_events(world)

    assert (found(first), found(second), inbox(world)) == ((0, 0), (0, 0), [])
    assert world.books.licenses(policy.product_id) == []
    (mark,) = world.rows(sweep_marks)
    assert mark.since < mark.moment == from_unix(world.stripe.now + 1)


def test_the_first_look_begins_with_the_oldest_event_that_we_know(world: World) -> None:
    """What was sold since then was meant to be fulfilled; what is older was not."""
    price, policy = world.price()
    world.stripe.shop.buy(price)
    world.stripe.advance(days=1)
    told = world.stripe.shop.buy(price)
    world.tell(world.events(told.session))
    world.stripe.advance(days=1)
    world.stripe.shop.buy(price)

    sweep_events(world)
    world.run()

    assert len(world.books.licenses(policy.product_id)) == 2


def test_events_of_one_second_are_never_missed_at_the_border_of_a_slice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slices meet without a gap and without an overlap, whatever lies on the border."""
    monkeypatch.setattr(module, "SHORTEST_SLICE", timedelta(seconds=1))
    monkeypatch.setattr(module, "LONGEST_SLICE", timedelta(seconds=2))
    price, _ = world.price()
    first_look(world)
    world.stripe.advance(seconds=60)
    for _ in range(4):
        world.stripe.shop.buy(price)
        world.stripe.shop.buy(price)
        world.stripe.advance(seconds=1)

    look = sweep_events(world)

    assert look.never_delivered == len(known(world))
    assert sorted(known(world)) == sorted(listened(world))


def test_within_a_slice_the_oldest_come_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a page of them, in batches of a few: their rows are in the order of time."""
    monkeypatch.setattr(module, "AT_ONCE", 7)
    price, _ = world.price()
    first_look(world)
    for _ in range(30):
        world.stripe.advance(seconds=1)
        world.stripe.shop.buy(price)

    look = sweep_events(world)

    moments = [row.created_at for row in world.rows(events)]
    assert look.never_delivered == len(moments) == 60
    batches = [moments[start : start + 7] for start in range(0, len(moments), 7)]
    assert [min(one) for one in batches] == sorted(min(one) for one in batches)


def test_a_look_that_is_killed_goes_on_where_it_stopped(world: World) -> None:
    """What was fetched stays, the mark stands behind it, and nothing is missing in the end."""
    price, policy = world.price()
    first_look(world)
    for _ in range(4):
        world.stripe.advance(days=2)
        world.stripe.shop.buy(price)

    with pytest.raises(TemporaryError):
        sweep_events(world, lists=DiesAfter(world.deps.stripe.lists, 8))
    (mark,) = world.rows(sweep_marks)
    half = len(known(world))
    rest = sweep_events(world)
    world.run()

    assert 0 < half < len(listened(world))
    assert mark.moment < rest.until
    assert rest.since > mark.since
    assert len(world.books.licenses(policy.product_id)) == 4


def test_a_look_that_is_asked_to_stop_ends_after_its_slice(world: World) -> None:
    """It says how far it came."""
    first_look(world)
    world.stripe.advance(days=3)

    look = sweep_events(world, stopping=iter([False, True]).__next__)

    assert look.until - look.since == module.SHORTEST_SLICE


def test_accounts_are_swept_apart(world: World) -> None:
    """Each has its own mark; a connected account's events carry its name, which the list lacks."""
    policy = world.books.policy("perpetual")
    shop = world.stripe.shop_of("acct_1")
    price = shop.price("Editor", 4900)
    world.map(price, policy, account="acct_1")
    first_look(world)
    first_look(world, PARTNER)
    world.stripe.advance(seconds=60)

    shop.buy(price)
    own, partner = sweep_events(world), sweep_events(world, PARTNER)
    world.run()

    assert (found(own), partner.raised > 0) == ((0, 0), True)
    assert {account for account, _, _ in inbox(world)} == {"acct_1"}
    assert {row.account for row in world.rows(sales)} == {"acct_1"}
    assert len(world.books.licenses(policy.product_id)) == 1


def test_a_young_event_is_left_to_the_next_look(world: World) -> None:
    """It may still be on its way to us."""
    price, _ = world.price()
    first_look(world)
    world.stripe.advance(seconds=600)
    world.stripe.shop.buy(price)

    follow_stripe(world, seconds_later=30)
    early = module.EventSweep(
        module.ServedAccount("", False), world.engine, world.deps.stripe.lists, world.clock
    ).look()

    assert found(early) == (0, 0)
    assert sweep_events(world).raised > 0


def test_events_of_a_clock_that_runs_ahead_are_taken_and_the_mark_moves_on(world: World) -> None:
    """A simulator may be months ahead of us; when it starts anew, the mark goes back with it."""
    price, policy = world.price()
    first_look(world)
    here = world.clock.now()
    for days in (40, 1):
        world.stripe.advance(days=days)
        world.stripe.shop.buy(price)
        world.clock.moment = here
        look = module.EventSweep(
            module.ServedAccount("", False), world.engine, world.deps.stripe.lists, world.clock
        ).look()
        assert look.raised > 0
    world.run()

    (mark,) = world.rows(sweep_marks)
    assert mark.moment == from_unix(world.stripe.now + 1)
    assert len(world.books.licenses(policy.product_id)) == 2


def test_a_gap_longer_than_stripe_remembers_asks_for_a_sweep_over_the_objects(
    both_worlds: World,
) -> None:
    """The events of those days are gone; the objects themselves still tell."""
    world = both_worlds
    price, _ = world.price()
    first_look(world)
    (before,) = world.rows(sweep_marks)
    world.stripe.advance(days=50)
    world.stripe.shop.buy(price)

    look = sweep_events(world)
    again = sweep_events(world)

    assert look.lost_since == before.moment
    assert (look.raised > 0, again.lost_since) == (True, None)
    (wish,) = world.rows(sweeps)
    with reading(world.engine) as tx:
        asked = read_sweep(tx, wish.id)
    assert asked is not None
    assert (asked.wish.since, asked.wish.asked_by) == (before.moment, "scheduler")
    assert (asked.state, asked.wish.dry_run, asked.wish.forced) == ("wanted", False, False)


def test_a_quiet_month_costs_few_requests(world: World) -> None:
    """Slices grow while little happens."""
    world.price()
    first_look(world)
    world.stripe.advance(days=29)
    lists = DiesAfter(world.deps.stripe.lists, 60)

    sweep_events(world, lists=lists)

    assert lists._left > 10


def test_an_old_backlog_does_not_delay_new_sales(world: World) -> None:
    """What happened hours ago stands behind what happens now."""
    price, _ = world.price()
    first_look(world)
    world.stripe.shop.buy(price)
    world.stripe.advance(seconds=7_200)
    world.stripe.shop.buy(price)

    sweep_events(world)

    assert sorted({row.urgency for row in world.rows(sales)}) == [1, 9]


def test_a_fetched_event_is_kept_as_stripe_sent_it(world: World) -> None:
    """Every field of it, as a delivered one; types that we don't listen to stay at Stripe's."""
    price, _ = world.price()
    first_look(world)
    sale = world.stripe.shop.buy(price)

    sweep_events(world)

    kept = {row.event_id: json.loads(row.payload) for row in world.rows(events)}
    for event in world.events(sale.session):
        assert kept[event["id"]]["data"] == event["data"]
    assert {row.type for row in world.rows(events)} <= set(module.ROUTES)
