"""A sweep over Stripe's objects finds every sale, says what it would do, and makes due what is not
at rest.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.tables import sales, sweep_sales
from tests.worlds.object_sweeps import Plans, plans, sweep_objects
from tests.worlds.sweeping import OWN, PARTNER, follow_stripe
from tests.worlds.world import MONTH, World
from worker.sweep.kinds import KINDS


def sell_one_of_each(world: World) -> list[str]:
    """A sale of each kind, by an old customer and new ones; gives their ids."""
    shop = world.stripe.shop
    once, _ = world.price()
    monthly, _ = world.price("subscription", recurring=MONTH)
    bought = shop.buy(once)
    subscribed = shop.subscribe(monthly)
    invoice = shop.invoice(shop.customer(name="Ben"), [once])
    bare = shop.payment_intent(4900, metadata={"price": once})
    world.stripe.advance(seconds=60)
    follow_stripe(world)
    return [bought.session, str(subscribed.subscription), invoice, bare]


def due(world: World) -> set[str]:
    return set(world.due())


def test_pain_25_a_sweep_over_everything_finds_a_sale_of_each_kind(both_worlds: World) -> None:
    """Nothing was ever told of them; each is found once, whatever objects name it."""
    world = both_worlds
    sold = sell_one_of_each(world)

    sweep = sweep_objects(world)

    assert (sweep.state, due(world)) == ("done", set(sold))
    assert plans(sweep).changes["issue-license"] == 4
    world.run()
    assert world.due() == []
    again = plans(sweep_objects(world))
    assert (again.at_rest, again.changes, again.raised) == (4, {}, 0)
    assert world.rows(sweep_sales) == []


def test_a_dry_run_counts_and_shows_the_plans_and_changes_nothing(world: World) -> None:
    """Neither a sale nor a license; the plans are in the report."""
    sold = sell_one_of_each(world)

    sweep = sweep_objects(world, dry_run=True)

    report = sweep.report
    assert report is not None
    assert (sweep.state, report["raised"], world.rows(sales)) == ("done", 0, [])
    assert report["changes"]["issue-license"] == 4
    assert {plan["sale"].rpartition("/")[2] for plan in report["plans"]} == set(sold)
    assert all(plan["steps"] for plan in report["plans"])
    assert report["plans_left_out"] == 0


def test_sales_that_can_t_be_fulfilled_are_counted_by_their_cause(world: World) -> None:
    """An unmapped price waits for a person; the sweep says so before anybody asks."""
    shop = world.stripe.shop
    price = shop.price("Nobody mapped me", 900)
    shop.buy(price)
    shop.buy(price)

    report = plans(sweep_objects(world))

    assert report == Plans(0, {}, {"unmapped_price": 2}, 2)
    world.run()
    assert {cause for cause, _ in world.problems()} == {"unmapped_price"}


def test_what_was_never_paid_is_not_looked_at(world: World) -> None:
    """Open and expired checkouts, drafts and failed payments sold nothing."""
    price, _ = world.price()
    shop = world.stripe.shop
    sold = shop.buy(price, unpaid=True)
    shop.settle(sold.session, succeed=False)

    report = plans(sweep_objects(world))

    assert (report.changes, report.problems, report.raised) == ({}, {}, 0)


def test_a_window_leaves_out_what_did_not_change_in_it(world: World) -> None:
    """A subscription that runs is always looked at; what is over only if it ended since."""
    shop = world.stripe.shop
    once, _ = world.price()
    monthly, _ = world.price("subscription", recurring=MONTH)
    running, over = shop.subscribe(monthly), shop.subscribe(monthly)
    shop.buy(once)
    shop.cancel(str(over.subscription))
    world.stripe.advance(days=100)
    late = shop.buy(once)
    world.stripe.advance(seconds=60)
    follow_stripe(world)

    sweep_objects(world, since=world.clock.now() - timedelta(days=7))

    assert due(world) == {str(running.subscription), late.session}


@pytest.mark.parametrize("change", ["a refund", "a dispute", "an invoice", "an end"])
def test_an_old_sale_that_changed_in_the_window_is_found(world: World, change: str) -> None:
    """The change is an object of its own, or has a moment of its own."""
    shop = world.stripe.shop
    once, policy = world.price()
    monthly, other = world.price("subscription", recurring=MONTH)
    bought, subscribed = shop.buy(once), shop.subscribe(monthly)
    open_bill = shop.invoice(shop.customer(name="Ben"), [once], pay=False)
    world.hear_all()
    world.stripe.advance(days=100)
    world.hear_all()
    match change:
        case "a refund":
            shop.refund(payment_intent=bought.payment_intent)
        case "a dispute":
            shop.dispute(payment_intent=bought.payment_intent)
        case "an invoice":
            shop.pay_invoice(open_bill)
        case _:
            shop.cancel(str(subscribed.subscription))
    follow_stripe(world)

    sweep = sweep_objects(world, since=world.clock.now() - timedelta(days=7))
    world.run()

    assert plans(sweep).raised == 1
    statuses = {one["status"] for one in world.books.licenses(policy.product_id)}
    ended = {one["status"] for one in world.books.subscriptions(other.product_id)}
    expected = {
        "a refund": ({"revoked"}, {"active"}),
        "a dispute": ({"suspended"}, {"active"}),
        "an invoice": ({"active"}, {"active"}),
        "an end": ({"active"}, {"canceled"}),
    }
    assert (statuses, ended) == expected[change]


def test_accounts_are_swept_side_by_side(world: World) -> None:
    """Each sale keeps its account; one that does not answer is told and stops no other."""
    policy = world.books.policy("perpetual")
    shop = world.stripe.shop_of("acct_1")
    price = shop.price("Editor", 4900)
    world.map(price, policy, account="acct_1")
    shop.buy(price)
    gone = type(OWN)("acct_gone", False)

    sweep = sweep_objects(world, OWN, PARTNER, gone)

    assert {row.account for row in world.rows(sales)} == {"acct_1"}
    assert sweep.report is not None
    assert set(sweep.report["unread"]) == {f"acct_gone/test/{kind.name}" for kind in KINDS}
    assert "Stripe refused our key" in sweep.report["unread"]["acct_gone/test/refund"]


def test_a_sale_at_rest_is_only_counted(world: World) -> None:
    """It was fulfilled when its events came; the sweep makes nothing due."""
    price, policy = world.price()
    world.stripe.shop.buy(price)
    world.hear_all()
    before = world.books.licenses(policy.product_id), world.passes()

    report = plans(sweep_objects(world))

    assert report == Plans(1, {}, {}, 0)
    assert (world.books.licenses(policy.product_id), world.passes()) == before
