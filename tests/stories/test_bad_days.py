"""Days on which something is down, dies or answers late; the end is that of a good day."""

from __future__ import annotations

import redis

from shared.tables import passes
from tests.worlds.licensekit import Policy
from tests.worlds.moody import Mood
from tests.worlds.town import Town, wait_until
from tests.worlds.world import MONTH


def statuses(town: Town, policy: Policy) -> list[str]:
    return sorted(one["status"] for one in town.world.books.licenses(policy.product_id))


def kept_sweeping(town: Town) -> None:
    """The scheduler's part, until every sale is at rest."""

    def at_rest() -> bool:
        town.sweep()
        return town.at_rest()

    wait_until(at_rest, "the sweep brought every sale to rest; " + town.logs())


def test_pain_05_with_redis_down_events_are_kept_and_with_redis_back_they_are_fulfilled(
    town: Town,
) -> None:
    """The receiver answers 2xx all the time; the sweep wakes the worker, which came through."""
    price, policy = town.world.price()
    town.stripe.shop.buy(price)
    town.settle()

    town.stop_redis()
    town.stripe.shop.buy(price)
    assert town.stripe.wait_until_idle()
    assert town.stripe.state()["deliveries"]["given_up"] == 0
    assert len(town.world.due()) == 1
    town.start_redis()
    kept_sweeping(town)

    assert statuses(town, policy) == ["active", "active"]
    assert town.workers[0].poll() is None


def test_pain_05_a_flushed_redis_loses_nothing(quiet_town: Town) -> None:
    """The database is the queue; Redis only wakes."""
    town = quiet_town
    price, policy = town.world.price()
    for _ in range(3):
        town.stripe.shop.buy(price)
    assert town.stripe.wait_until_idle()
    with redis.Redis.from_url(town.environment["REDIS_URL"]) as client:
        client.flushall()

    town.start_worker()
    kept_sweeping(town)

    assert statuses(town, policy) == ["active"] * 3


def test_pain_04_a_worker_killed_in_the_middle_is_replaced_and_the_licenses_are_the_same(
    quiet_town: Town,
) -> None:
    """Its sale is taken over when its lease runs out; nobody gets two licenses or none."""
    town = quiet_town
    price, policy = town.world.price("subscription", recurring=MONTH)
    town.stripe.switch(latency_seconds=0.2)
    doomed = town.start_worker()
    sale = town.stripe.shop.subscribe(price)
    wait_until(lambda: len(town.world.steps()) > 2, "the worker is in the middle of its steps")
    doomed.kill()
    town.stripe.switch(latency_seconds=0.0)
    town.world.forget_leases()

    town.start_worker()
    kept_sweeping(town)

    assert statuses(town, policy).count("active") == 1
    (license_id,) = [
        one["id"]
        for one in town.world.books.licenses(policy.product_id)
        if one["status"] == "active"
    ]
    assert town.world.books.accepts(town.world.key_of(license_id))
    assert town.world.metadata(sale.subscription)["licensekit_license_ids"] == license_id
    assert "failed" in {row.status for row in town.world.rows(passes)}


def test_pain_02_two_workers_side_by_side_give_each_buyer_one_license(quiet_town: Town) -> None:
    """They share the sales between them, however often each is told."""
    town = quiet_town
    price, policy = town.world.price()
    town.stripe.switch(duplicate=3, shuffle=True)
    town.start_worker()
    town.start_worker()

    for _ in range(8):
        town.stripe.shop.buy(price)
    town.settle()

    assert statuses(town, policy) == ["active"] * 8
    assert len(town.world.books.orders(policy.product_id)) == 8


def test_pain_03_a_licensekit_that_fails_for_a_while_costs_time_and_no_sale(town: Town) -> None:
    """500 and 429 are waited out by themselves."""
    price, policy = town.world.price()
    town.world.books.moods.plan(Mood(500, "POST", "/customers"), Mood(429, "POST", "/licenses"))

    town.stripe.shop.buy(price)
    town.settle_after_failures()

    assert statuses(town, policy) == ["active"]


def test_a_stripe_that_limits_and_fails_costs_time_and_no_sale(town: Town) -> None:
    """The same for Stripe."""
    price, policy = town.world.price()
    town.stripe.switch(fail_next=[429, 500, 500, 500], should_retry=False)

    town.stripe.shop.buy(price)
    town.settle_after_failures()

    assert statuses(town, policy) == ["active"]
