"""What goes wrong in the middle of a pass, and how the next one mends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.secrets import Secret
from shared.tables import links, sales
from tests.worlds.moody import Mood
from tests.worlds.world import MONTH, World
from worker.errors import LeaseLost
from worker.gateways.licensekit import LicenseKitGateway
from worker.gateways.stripe import StripeGateway
from worker.lease import LEASE_SECONDS, claim_due
from worker.plan.guard import Limits
from worker.reconcile import preview, reconcile, reconcile_now


def later(world: World) -> list[str]:
    """Everything that was put off becomes due; the statuses of the passes that follow."""
    world.clock.move(hours=1)
    return [closed.status for closed in world.run()]


def bought(world: World) -> str:
    """A one-time sale that was told; the LicenseKit product it brings."""
    price, policy = world.price()
    world.stripe.shop.buy(price)
    world.tell(world.stripe.shop.events())
    return policy.product_id


def statuses(world: World, product: str) -> list[str]:
    return [one["status"] for one in world.books.licenses(product)]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_licensekit_that_fails_once_costs_one_more_pass(world: World, status: int) -> None:
    """The sale is tried again by itself and ends with one license."""
    product = bought(world)
    world.books.moods.plan(Mood(status, "POST", "/licenses"))

    assert [closed.status for closed in world.run()] == ["failed"]
    assert statuses(world, product) == []
    assert "applied" in later(world)
    assert statuses(world, product) == ["active"]


def test_a_license_whose_answer_was_lost_is_revoked_and_issued_anew(world: World) -> None:
    """LicenseKit shows a key once; a license whose key nobody has must not stay."""
    product = bought(world)
    world.books.moods.plan(Mood(500, "POST", "/licenses", after_work=True))
    world.run()
    assert statuses(world, product) == ["active"]

    later(world)

    lost, good = world.books.licenses(product)
    assert (lost["status"], good["status"]) == ("revoked", "active")
    assert world.books.accepts(world.key_of(good["id"]))
    assert any(step.startswith(f"revoke {lost['id']}") for step, _ in world.steps())


@pytest.mark.parametrize("ends", ["/customers", "/orders", "/subscriptions"])
def test_a_record_whose_answer_was_lost_is_found_again(world: World, ends: str) -> None:
    """A 409 says that it is there: it is looked up and linked, not made twice."""
    price, policy = world.price("subscription", recurring=MONTH)
    world.stripe.shop.subscribe(price)
    world.tell(world.stripe.shop.events())
    world.books.moods.plan(Mood(502, "POST", ends, after_work=True))
    world.run()

    later(world)

    assert statuses(world, policy.product_id) == ["active"]
    assert len(world.books.orders(policy.product_id)) == 1
    assert len(world.books.subscriptions(policy.product_id)) == 1
    assert len(world.books.customers()) == 1
    assert all(row.licensekit_id for row in world.rows(links))


def test_a_renewal_whose_answer_was_lost_moves_the_end_once(world: World) -> None:
    """The date is absolute and the key is made of it."""
    price, policy = world.price("subscription", recurring=MONTH)
    world.stripe.shop.subscribe(price)
    world.hear_all()
    world.stripe.advance(days=31, seconds=7200)
    world.books.moods.plan(Mood(500, "POST", "/renew", after_work=True))

    world.hear_all()

    (license_,) = world.books.licenses(policy.product_id)
    (record,) = world.books.subscriptions(policy.product_id)
    assert license_["expires_at"] == record["current_period_end"]


def test_a_failed_step_is_told_with_its_error_and_request_id(world: World) -> None:
    """Who looks into the log sees which call failed."""
    bought(world)
    world.books.moods.plan(Mood(500, "POST", "/orders"))

    (closed,) = world.run()

    assert world.steps()[-1][1] == "failed"
    assert closed.error is not None
    assert "[request req_moody]" in closed.error
    assert "Attempt 1; next at 2026-11-21 12:00:0" in closed.error


def test_stripe_that_fails_is_tried_again_later(world: World) -> None:
    """429 and 500 alike; nothing is decided without the facts."""
    product = bought(world)
    world.stripe.switch(answer_429=1.0, should_retry=False)
    assert [closed.status for closed in world.run()] == ["failed"]

    world.stripe.switch(answer_429=0.0, answer_500=1.0)
    assert later(world) == ["failed"]

    world.stripe.switch(answer_500=0.0)
    assert "applied" in later(world)
    assert statuses(world, product) == ["active"]


def test_a_write_back_whose_answer_was_lost_is_no_second_license(world: World) -> None:
    """A failed write-back never undoes or repeats an issue."""
    product = bought(world)
    world.stripe.switch(fail_after_write=True, should_retry=False)
    world.run(replace(world.deps, stripe=_FailingWrites(world)))  # type: ignore[arg-type]
    world.stripe.switch(fail_after_write=False)

    later(world)

    assert statuses(world, product) == ["active"]
    assert world.rows(sales)[0].status in ("applied", "settled")


class _FailingWrites:
    """Reads go well; Stripe fails while our ids are written."""

    def __init__(self, world: World) -> None:
        self._world, self._real = world, world.deps.stripe

    def __getattr__(self, name: str) -> object:
        if name == "write_metadata":
            self._world.stripe.switch(fail_next=[500])
        return getattr(self._real, name)


def test_pain_16_a_key_of_the_other_mode_takes_nothing_away(world: World) -> None:
    """Live sales read with a test key are "not found": shown, and the buyer keeps all."""
    product = bought(world)
    world.run()
    world.raise_all()
    other = StripeGateway(Secret("sk_live_simulator"), world.stripe_url)

    (closed,) = world.run(replace(world.deps, stripe=other))
    other.close()

    assert (closed.status, statuses(world, product)) == ("blocked", ["active"])
    assert [cause for cause, _ in world.problems()] == ["missing_in_stripe"]


def test_a_refused_token_loses_nothing(world: World) -> None:
    """The sale waits a minute at a time until somebody mends the setting."""
    product = bought(world)
    wrong = LicenseKitGateway(world.books.url, Secret("lk_wrong"))
    (closed,) = world.run(replace(world.deps, licensekit=wrong))
    wrong.close()

    assert closed.error is not None
    assert "LICENSEKIT_API_TOKEN" in closed.error
    assert "lk_wrong" not in closed.error
    assert world.run() == []
    world.clock.move(seconds=80)
    world.run()
    assert statuses(world, product) == ["active"]


def test_pain_04_a_sale_that_was_taken_over_is_not_written_by_the_first_worker(
    world: World,
) -> None:
    """The slow worker notices at its next write, and takes back what it may not keep."""
    product = bought(world)
    (slow,) = claim_due(world.engine, worker="slow", limit=1, now=world.clock.now())
    world.clock.move(seconds=LEASE_SECONDS)
    world.run()

    with pytest.raises(LeaseLost):
        reconcile(slow, replace(world.deps, licensekit=world.deps.licensekit))

    assert statuses(world, product) == ["active"]


class _SlowCreate:
    """LicenseKit takes so long over a license that another worker takes the sale over."""

    def __init__(self, world: World) -> None:
        self._world, self._real = world, world.deps.licensekit

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def create_license(self, body: dict[str, object]) -> tuple[str, Secret]:
        made = self._real.create_license(body)
        self._world.clock.move(seconds=LEASE_SECONDS)
        self._world.run()
        return made


def test_pain_02_a_license_made_by_a_worker_that_lost_its_sale_is_taken_back(
    world: World,
) -> None:
    """The buyer has one, and its key is in escrow."""
    product = bought(world)
    (slow,) = claim_due(world.engine, worker="slow", limit=1, now=world.clock.now())

    with pytest.raises(LeaseLost):
        reconcile(slow, replace(world.deps, licensekit=_SlowCreate(world)))  # type: ignore[arg-type]

    active = [one for one in world.books.licenses(product) if one["status"] == "active"]
    assert len(active) == 1
    assert world.books.accepts(world.key_of(active[0]["id"]))


def test_the_guard_refuses_and_a_person_may_force_it(world: World) -> None:
    """More lost keys than allowed: shown with both numbers, and run only when told to."""
    product = bought(world)
    world.books.moods.plan(Mood(500, "POST", "/licenses", after_work=True))
    world.run()
    strict = replace(world.deps, limits=Limits(max_orphans=0))
    world.clock.move(hours=1)

    (closed,) = world.run(strict)

    assert closed.status == "refused"
    assert closed.error is not None
    assert "revoke 1 licenses" in closed.error
    assert ("guard", world.rows(sales)[0].object_id) in world.problems()
    (key,) = world.keys()
    assert reconcile_now(key, strict, forced_by="ada").status == "applied"
    assert statuses(world, product) == ["revoked", "active"]
    assert world.problems() == []


def test_a_preview_shows_the_plan_and_changes_nothing(world: World) -> None:
    """What a pass would do now."""
    product = bought(world)

    (key,) = world.keys()

    seen = preview(key, world.deps)

    assert len(seen.plan.steps) == 6
    assert statuses(world, product) == []
    assert world.passes() == []


def test_a_failing_sale_is_tried_less_and_less_often(world: World) -> None:
    """Each failure waits longer, up to a quarter of an hour."""
    bought(world)
    world.stripe.switch(answer_500=1.0, should_retry=False)
    waits = []
    for _ in range(12):
        world.run()
        row = world.rows(sales)[0]
        waits.append((row.due_at - world.clock.now()) / timedelta(seconds=1))
        world.clock.moment = row.due_at

    assert 2 <= waits[0] <= 3
    assert waits == sorted(waits[:9]) + waits[9:]
    assert 900 <= waits[-1] <= 900 * 1.25
