"""What time alone changes: nobody tells of it, so the sale is looked at again by the clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.moments import from_unix
from shared.queue import Waker
from shared.tables import passes, sales
from tests.worlds.world import MONTH, World, open_world
from worker.scheduler import sweep


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Passes run in this process, at the time of Stripe's clock."""
    with open_world(tmp_path) as running:
        yield running


def advance(world: World, **by: int) -> None:
    """Stripe's clock and ours go on together, and what happened meanwhile is told."""
    world.stripe.advance(**by)
    world.clock.moment = from_unix(world.stripe.now)
    world.hear_all()


def subscribe(world: World, license_type: str, **terms: Any) -> tuple[Any, str, datetime]:
    """A month is paid; gives the sale, its license, and the end of the month."""
    price, policy = world.price(license_type, recurring=MONTH)
    world.map(price, policy, **terms)
    sale = world.stripe.shop.subscribe(price)
    advance(world, seconds=0)
    (license_,) = world.books.licenses(policy.product_id)
    item = world.stripe.shop.read(sale.items[0])
    return sale, license_["id"], from_unix(item["current_period_end"])


def asleep(world: World) -> list[datetime]:
    """When sales are to be looked at again."""
    return [row.wake_at for row in world.rows(sales) if row.wake_at is not None]


def swept(world: World, redis_url: str, moment: datetime) -> tuple[bool, list[str]]:
    """The scheduler's turn at that moment: was anybody woken, and what was done?"""
    world.clock.moment = moment
    waker = Waker(redis_url)
    woken = sweep(world.engine, waker, now=moment)
    waker.close()
    before = len(world.rows(passes))
    world.run()
    plans = [row.plan for row in world.rows(passes)[before:]]
    return woken, [step["step"] for plan in plans for step in plan["steps"]]


def test_pain_24_the_license_is_held_when_the_grace_ends_though_no_event_tells_of_it(
    world: World, redis_url: str
) -> None:
    """Past due between two attempts of Stripe's; the sale says when it must be looked at again."""
    sale, license_id, ends = subscribe(world, "subscription", grace_days=5)
    world.stripe.shop.fail_payments(str(sale.customer))
    advance(world, days=(ends - world.clock.now()).days, seconds=7200)
    grace_ends = ends + timedelta(days=5)
    status = world.books.license(license_id)["status"]

    assert (status, asleep(world)) == ("active", [grace_ends])
    assert swept(world, redis_url, grace_ends - timedelta(seconds=1)) == (False, [])
    assert swept(world, redis_url, grace_ends) == (
        True,
        [f"suspend license {sale.items[0]}/1: past_due"],
    )
    assert world.books.license(license_id)["status"] == "suspended"
    assert asleep(world) == []


def test_a_perpetual_license_sold_by_the_month_is_held_when_what_was_paid_has_run_out(
    world: World, redis_url: str
) -> None:
    """Canceled at once: nothing in Stripe happens at the end of the paid month any more."""
    sale, license_id, ends = subscribe(world, "perpetual")
    world.stripe.shop.cancel(str(sale.subscription))
    advance(world, days=1)
    status = world.books.license(license_id)["status"]

    assert (status, asleep(world)) == ("active", [ends])
    assert swept(world, redis_url, ends) == (
        True,
        [f"suspend license {sale.items[0]}/1: canceled"],
    )
    assert world.books.license(license_id)["status"] == "suspended"


def test_a_payment_before_the_grace_ends_lets_the_sale_sleep_again(
    world: World, redis_url: str
) -> None:
    """Paid in time: no hold, nothing to wait for."""
    sale, license_id, ends = subscribe(world, "subscription", grace_days=5)
    world.stripe.shop.fail_payments(str(sale.customer))
    advance(world, days=(ends - world.clock.now()).days, seconds=7200)

    world.stripe.shop.unfail(str(sale.customer))
    invoice = world.stripe.shop.read(str(sale.subscription))["latest_invoice"]
    world.stripe.shop.pay_invoice(invoice)
    advance(world, days=1)

    assert asleep(world) == []
    assert swept(world, redis_url, ends + timedelta(days=5)) == (False, [])
    assert world.books.license(license_id)["status"] == "active"
