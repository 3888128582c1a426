"""Licenses stand in LicenseKit that we have no link to: they are linked, not issued again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.tables import escrow, steps
from simulator.orders import Purchase
from tests.properties.crashes import Crash, fused
from tests.worlds.heard import Heard
from tests.worlds.licensekit import Policy
from tests.worlds.lost import forget, linked, point_nowhere, write_metadata
from tests.worlds.web import serve_app
from tests.worlds.world import MONTH, World, make_deps, open_world
from worker.closing import ClosedPass
from worker.lease import LEASE_SECONDS
from worker.plan.ids import CUSTOMER, LICENSE_COUNT, LICENSES, ORDER


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all: each test has a price, a product and a buyer of its own."""
    with open_world(tmp_path_factory.mktemp("standing")) as running:
        yield running


def bought(world: World, quantity: int = 1) -> tuple[Purchase, Policy]:
    """A checkout of a new price, with a license for each unit, brought to rest."""
    price, policy = world.price()
    world.map(price, policy, quantity="license_per_unit")
    sale = world.stripe.shop.buy([{"price": price, "quantity": quantity}])
    world.tell(world.events(sale.session))
    world.run()
    return sale, policy


def standing(world: World, policy: Policy) -> list[tuple[str, str]]:
    return [(one["id"], one["status"]) for one in world.books.licenses(policy.product_id)]


def die_after(world: World, moments: int) -> None:
    """A worker that goes so far; then another one, to the end."""
    with fused(world.engine, world.deps) as (fuse, deps):
        fuse.left = moments
        try:
            world.run(deps)
        except Crash:
            world.clock.move(seconds=LEASE_SECONDS)
    world.run()


def verbs(world: World, since: int) -> list[str]:
    """What was done after so many steps, each verb once, in order."""
    return list(dict.fromkeys(row.step.partition(" ")[0] for row in world.rows(steps)[since:]))


def notes(closed: list[ClosedPass]) -> list[str]:
    return [note for one in closed if one.plan for note in one.plan.notes]


def test_what_stripe_points_at_is_linked_and_no_key_is_made_up(world: World) -> None:
    """The same links as before; the key is gone with the database, and that is all."""
    sale, policy = bought(world, 2)
    before, stood, since = linked(world), standing(world, policy), len(world.rows(steps))
    forget(world, sale)
    keys = len(world.rows(escrow))

    world.run()

    assert (linked(world), standing(world, policy)) == (before, stood)
    assert verbs(world, since) == ["adopt"]
    told = [row.step for row in world.rows(steps)[since:]]
    assert {step.partition(", found ")[2].partition(" ")[0] for step in told} == {"by", "on"}
    assert len(world.rows(escrow)) == keys


def test_what_nothing_points_at_is_found_when_it_was_to_be_made(world: World) -> None:
    """LicenseKit says that the customer is there: so the rest is looked for, in the same pass."""
    sale, policy = bought(world, 2)
    before, stood, since = linked(world), standing(world, policy), len(world.rows(steps))
    point_nowhere(world, sale)
    forget(world, sale)

    (closed,) = world.run()

    assert (linked(world), standing(world, policy)) == (before, stood)
    assert verbs(world, since) == ["find", "adopt", "write"]
    assert closed.plan is not None
    assert str(closed.plan.steps[0]) == f"find or create customer {sale.customer}"
    assert world.metadata(sale.session)[LICENSE_COUNT] == "2"


@pytest.mark.parametrize("dies_after", range(1, 24, 3))
def test_a_worker_may_die_while_it_finds_what_nothing_points_at(
    world: World, dies_after: int
) -> None:
    """A record that was found and linked is remembered as found: licenses may stand on it."""
    sale, policy = bought(world, 2)
    before, stood = linked(world), standing(world, policy)
    point_nowhere(world, sale)
    forget(world, sale)

    die_after(world, dies_after)

    assert (linked(world), standing(world, policy)) == (before, stood)


@pytest.mark.parametrize("dies_after", range(0, 20, 3))
def test_a_worker_may_die_while_it_adopts(world: World, dies_after: int) -> None:
    """Licenses are linked first, so a record without a link is the clue to look again."""
    sale, policy = bought(world, 2)
    before, stood = linked(world), standing(world, policy)
    forget(world, sale)

    die_after(world, dies_after)

    assert (linked(world), standing(world, policy)) == (before, stood)


@pytest.mark.parametrize("dies_after", [14, 15, 16])
def test_an_orphan_of_our_own_intent_is_revoked_and_never_adopted(
    world: World, dies_after: int
) -> None:
    """Its mark is that of a link that we have: nobody has its key, whatever Stripe points at."""
    price, policy = world.price()
    sale = world.stripe.shop.buy(price)
    world.tell(world.events(sale.session))

    die_after(world, dies_after)

    active = [name for name, status in standing(world, policy) if status == "active"]
    assert len(active) == 1
    assert world.books.accepts(world.key_of(active[0]))


def test_a_list_that_is_cut_in_stripe_is_read_whole_in_licensekit(world: World) -> None:
    """Metadata has room for some twenty ids; the order has them all."""
    sale, policy = bought(world, 24)
    told = world.metadata(sale.session)
    assert len(told[LICENSES].split(",")) < int(told[LICENSE_COUNT]) == 24
    before, stood = linked(world), standing(world, policy)
    forget(world, sale)

    world.run()

    assert (linked(world), standing(world, policy)) == (before, stood)


def test_the_license_of_another_buyer_is_not_given_away(world: World) -> None:
    """Somebody copied the metadata of one checkout to another."""
    theirs, policy = bought(world)
    line = world.stripe.shop.books.children(theirs.session, "line_items")[0]
    mine = world.stripe.shop.buy(line["price"]["id"])
    write_metadata(world, mine.session, **world.metadata(theirs.session))

    world.tell(world.events(mine.session))
    closed = world.run()

    assert len(standing(world, policy)) == 2
    told, copied = world.metadata(mine.session), world.metadata(theirs.session)
    assert not {told[name] for name in (CUSTOMER, ORDER, LICENSES)} & set(copied.values())
    assert any(" was not adopted: it is linked to li_" in note for note in notes(closed))


def test_a_month_that_was_paid_meanwhile_renews_what_is_adopted(world: World) -> None:
    """One pass links the license and moves its end."""
    price, policy = world.price("subscription", recurring=MONTH)
    sale = world.stripe.shop.subscribe(price)
    world.tell(world.events(sale.subscription))
    world.run()
    (first,) = world.books.licenses(policy.product_id)
    world.stripe.advance(days=31, seconds=7200)
    forget(world, sale)

    world.run()

    (second,) = world.books.licenses(policy.product_id)
    assert second["id"] == first["id"]
    assert second["expires_at"] > first["expires_at"]
    assert len(world.books.orders(policy.product_id)) == 2


def test_a_suspension_without_a_cause_of_billing_stays_a_persons(world: World) -> None:
    """Nobody knows any more who it was: so only a person lifts it."""
    sale, policy = bought(world)
    ((license_id, _),) = standing(world, policy)
    world.books.act(license_id, "suspend")
    forget(world, sale)

    closed = world.run()

    assert standing(world, policy) == [(license_id, "suspended")]
    assert f"{license_id} is suspended in LicenseKit; that decision stands" in notes(closed)


def test_a_suspension_that_billing_would_make_now_is_lifted_by_billing(world: World) -> None:
    """A dispute is open: when it is won, the license works again."""
    sale, policy = bought(world)
    dispute = world.stripe.shop.dispute(str(sale.payment_intent))
    world.raise_all(sale.session)
    world.run()
    ((license_id, status),) = standing(world, policy)
    forget(world, sale)
    world.run()

    world.stripe.shop.close_dispute(dispute, "won")
    world.raise_all(sale.session)
    world.run()

    assert status == "suspended"
    assert standing(world, policy) == [(license_id, "active")]


def test_a_license_that_a_person_revoked_is_not_issued_again(world: World) -> None:
    """A database that was lost does not overrule anybody."""
    sale, policy = bought(world)
    ((license_id, _),) = standing(world, policy)
    world.books.act(license_id, "revoke")
    forget(world, sale)

    closed = world.run()

    assert standing(world, policy) == [(license_id, "revoked")]
    assert f"{license_id} was revoked in LicenseKit; that decision stands" in notes(closed)


def test_a_new_sale_asks_licensekit_no_question_more(world: World) -> None:
    """What nothing points at is not looked for: its policy is read, and three things are made."""
    price, _ = world.price()
    sale = world.stripe.shop.buy(price)
    world.tell(world.events(sale.session))
    heard = Heard(world.books.moods)

    with serve_app(heard) as url:
        deps = make_deps(world.engine, world.stripe_url, url, world.clock)
        world.run(deps)
        deps.close()

    assert heard.methods == {"GET": 1, "POST": 3}
