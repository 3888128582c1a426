"""Each broken invariant is found, exactly, and a healthy shop has none. On both databases."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from shared.database import reading, transaction
from shared.events.parsing import read_delivery
from shared.inbox import record
from shared.links import note_change
from shared.settings import Settings
from shared.tables import findings, links, sales
from tests.worlds.clock import FixedClock
from tests.worlds.licensekit import TOKEN, Policy
from tests.worlds.lines import logged
from tests.worlds.world import MONTH, SERVED, STRIPE_KEY, World
from worker.invariants import INVARIANTS, read_findings
from worker.invariants.kept import run_look
from worker.invariants.looks import LOOKS
from worker.invariants.values import Scene
from worker.looking import Looking
from worker.plan.ids import MARK


def look(world: World) -> Mapping[str, tuple[str, ...]]:
    """What is found an hour from now, by invariant; without those that hold."""
    now = datetime.now(UTC) + timedelta(hours=1)
    scene = Scene(world.engine, lambda _: world.deps.licensekit, now, inbox_max_age_seconds=900)
    for one in LOOKS:
        run_look(one, scene)
    with reading(world.engine) as tx:
        found = read_findings(tx)
    assert {one.invariant for one in found} == set(INVARIANTS)
    assert all(one.count == len(one.examples) and one.checked_at == now for one in found)
    return {one.invariant: one.examples for one in found if one.count}


def price_of(world: World, policy: Policy, **terms: object) -> str:
    price = world.stripe.shop.price("Editor", 4900)
    world.map(price, policy, **terms)
    return price


def rhythms(world: World, policy: Policy) -> list[str]:
    """Five prices of one policy, each paid for another number of months."""
    months = [{"interval": "month", "interval_count": number} for number in range(1, 6)]
    prices = [world.stripe.shop.price("Editor", 4900, recurring=every) for every in months]
    for price in prices:
        world.map(price, policy)
    return prices


def license_of(world: World, sale: str) -> str:
    """The one license of a sale."""
    (sale_id,) = [row.id for row in world.rows(sales) if row.object_id == sale]
    (found,) = [
        row.licensekit_id
        for row in world.rows(links)
        if row.sale_id == sale_id and row.kind == "license"
    ]
    return str(found)


def buy_everything(world: World) -> None:
    """Every kind of sale, and every way in which one may rightly have no license, or keep it."""
    shop = world.stripe.shop
    once, policy = world.price()
    monthly, _ = world.price("subscription", recurring=MONTH)
    endless, _ = world.price("perpetual", recurring=MONTH)
    shop.buy([once, world.price()[0]])
    shop.buy(once, guest=True)
    shop.buy(price_of(world, policy, quantity="license_per_unit"))
    shop.buy(once, unpaid=True)
    shop.buy(shop.price("Nobody mapped this", 100))
    for terms in ({}, {"on_refund": "suspend"}, {"on_refund": "keep"}):
        paid = shop.buy(price_of(world, policy, **terms))
        world.hear_all()
        shop.refund(payment_intent=paid.payment_intent)
    shop.dispute(shop.buy(once).payment_intent)
    shop.payment_intent(4900, metadata={"price": once})
    shop.invoice(shop.customer(name="Ada", email="ada@example.com"), once)
    shop.subscribe(monthly, trial_days=14)
    canceled, paused, failing = (shop.subscribe(endless) for _ in range(3))
    shop.subscribe([monthly, endless])
    world.hear_all()
    assert canceled.subscription
    assert paused.subscription
    assert failing.customer
    shop.cancel(canceled.subscription)
    shop.pause_collection(paused.subscription)
    shop.fail_payments(failing.customer)
    world.hear_all()


def test_a_healthy_shop_with_every_kind_of_sale_breaks_none(both_worlds: World) -> None:
    """False alarms at night are the worst."""
    buy_everything(both_worlds)

    assert len(both_worlds.rows(sales)) > 15
    assert look(both_worlds) == {}


def test_each_broken_invariant_is_found_and_no_other(
    both_worlds: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted side by side in one shop, each is told by the ids that it is about. LicenseKit's
    lists are cut short here, so that they are read in windows.
    """
    world, shop = both_worlds, both_worlds.stripe.shop
    for module in ("worker.gateways.licensekit", "worker.invariants.licenses"):
        monkeypatch.setattr(f"{module}.PAGE", 3)
    policy = world.books.policy("subscription")
    prices = rhythms(world, policy)
    sold = [shop.subscribe(price).subscription for price in prices]
    world.hear_all()
    assert look(world) == {}

    lacking, unpaid = str(sold[1]), str(sold[2])
    taken = license_of(world, lacking)
    world.books.act(taken, "revoke")  # as if its successor had been lost
    lost, foreign = (leave_license(world, policy, marked) for marked in (True, False))
    with transaction(world.engine) as tx:
        note_change(tx, taken, {"revoked": "replaced"})
        closed = sales.update().where(sales.c.object_id == unpaid)
        (bought,) = [row.bought for row in world.rows(sales) if row.object_id == unpaid]
        tx.execute(closed.values(bought={**bought, "stage": "closed"}))
    never_delivered(world)
    waits = str(shop.subscribe(prices[0]).subscription)
    world.tell([one for one in world.events(waits) if one["type"] == "invoice.paid"])

    assert look(world) == {
        "paid_unlicensed": (lacking,),
        "licensed_unpaid": (unpaid,),
        "unexplained_license": (lost,),
        "foreign_license": (foreign,),
        "inbox_too_old": (waits,),
        "events_never_delivered": ("evt_fetched",),
    }


def leave_license(world: World, policy: Policy, marked: bool) -> str:
    """What a pass leaves that made a license after its lease was lost, or what a person made."""
    body = {
        "product_id": policy.product_id,
        "policy_id": policy.id,
        "customer_name": "Ada",
        "expires_at": "2031-01-01T00:00:00Z",
        "metadata": {MARK: "mark_of_nobody"} if marked else {},
    }
    license_id, _ = world.deps.licensekit.create_license(body)
    return license_id


def never_delivered(world: World) -> None:
    """The sweep found it, of a kind that makes nothing due."""
    event = {"id": "evt_fetched", "object": "event", "type": "payout.paid", "livemode": False}
    now = datetime.now(UTC)
    body = json.dumps({**event, "created": 1_790_000_000, "data": {"object": {"id": "po_1"}}})
    record(world.engine, [read_delivery(body.encode(), secret=-1, served=SERVED, now=now)], now)


def test_a_look_that_can_not_be_made_leaves_what_was_found_last(world: World) -> None:
    """Without LicenseKit its invariants keep their age, which is a metric of its own."""
    now = datetime.now(UTC)
    for one in LOOKS:
        run_look(one, Scene(world.engine, None, now, inbox_max_age_seconds=900))

    looked_at = {row.invariant for row in world.rows(findings)}
    assert looked_at == set(INVARIANTS) - {
        *("unexplained_license", "foreign_license", "licenses_not_listed")
    }


def test_the_scheduler_makes_every_look_with_clients_of_its_own(
    world: World, make_settings: Callable[..., Settings]
) -> None:
    """Each look is a task with a slot of its own, and what it finds is there to be told."""
    policy = world.books.policy("subscription")
    price_of(world, policy)
    lost = leave_license(world, policy, marked=True)
    settings = make_settings(
        STRIPE_SECRET_KEY=STRIPE_KEY,
        STRIPE_API_BASE=world.stripe_url,
        LICENSEKIT_BASE_URL=world.books.url,
        LICENSEKIT_API_TOKEN=TOKEN,
    )
    clock = FixedClock(datetime.now(UTC) + timedelta(hours=1))

    tasks = Looking(settings, world.engine, clock, threading.Event()).tasks()
    for task in tasks:
        task.work()

    assert [task.name for task in tasks] == ["look-inbox", "look-sales", "look-licenses"]
    with reading(world.engine) as tx:
        found = {one.invariant: one.examples for one in read_findings(tx)}
    assert found["unexplained_license"] == (lost,)
    assert set(found) == set(INVARIANTS)


def test_a_scheduler_without_a_token_says_so_and_looks_at_the_rest(
    world: World, make_settings: Callable[..., Settings]
) -> None:
    """It starts with Redis alone, as ever."""
    settings = make_settings(LICENSEKIT_API_TOKEN=None)

    with logged() as lines:
        tasks = Looking(settings, world.engine, world.clock, threading.Event()).tasks()
        for task in tasks:
            task.work()

    assert "look.skipped" in lines.stages()
    assert "paid_unlicensed" in {row.invariant for row in world.rows(findings)}
