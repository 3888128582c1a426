"""The guard: what takes away too much at once is shown, refused, and passed only by a person."""

from __future__ import annotations

from simulator.orders import Purchase
from tests.worlds.ending import deeds, ending, notes
from tests.worlds.licensekit import Policy
from tests.worlds.town import Town

UNHEARD = ["charge.refunded", "charge.refund.updated", "refund.*"]


def sold_in_units(town: Town, units: int, limit: str) -> tuple[Purchase, Policy]:
    """A license for each unit, in a town whose guard lets a pass revoke `limit` licenses."""
    town.environment["FULFILL_GUARD_MAX_REVOKES"] = limit
    town.start_worker()
    price, policy = town.world.price()
    town.world.map(price, policy, quantity="license_per_unit")
    sale = town.stripe.shop.buy([{"price": price, "quantity": units}])
    town.settle()
    return sale, policy


def statuses(town: Town, policy: Policy) -> list[str]:
    return [one["status"] for one in town.world.books.licenses(policy.product_id)]


def test_pain_23_a_pass_over_the_limit_is_refused_with_both_numbers(quiet_town: Town) -> None:
    """Nothing at all is changed: the licenses stand, the order is still paid, a person is told."""
    town = quiet_town
    sale, policy = sold_in_units(town, units=3, limit="2")

    town.stripe.shop.refund(payment_intent=sale.payment_intent)
    town.settle()

    found = ending(town, policy, sale.session)
    assert (found.licenses, found.orders) == (["active for ever"] * 3, ["paid"])
    assert found.problems == [("guard", sale.session)]
    assert town.world.passes()[-1] == "refused"
    told = town.fulfill("show", sale.session).stdout
    assert "revoke 3 licenses, more than the 2 that FULFILL_GUARD_MAX_REVOKES" in told


def test_a_pass_at_the_limit_runs(quiet_town: Town) -> None:
    """The limit is what is allowed."""
    sale, policy = sold_in_units(quiet_town, units=2, limit="2")

    quiet_town.stripe.shop.refund(payment_intent=sale.payment_intent)
    quiet_town.settle()

    assert statuses(quiet_town, policy) == ["revoked"] * 2


def test_a_person_lets_a_refused_pass_run_and_the_journal_keeps_who(quiet_town: Town) -> None:
    """`fulfill reconcile --force`; without it the same command is refused too."""
    town = quiet_town
    sale, policy = sold_in_units(town, units=3, limit="2")
    town.stripe.shop.refund(payment_intent=sale.payment_intent)
    town.settle()

    refused = town.fulfill("reconcile", sale.session)
    before = statuses(town, policy)
    forced = town.fulfill("reconcile", sale.session, "--force")
    town.settle()

    assert (refused.exit_code, before) == (1, ["active"] * 3)
    assert (forced.exit_code, statuses(town, policy)) == (0, ["revoked"] * 3)
    assert deeds(town)[-3:] == ["revoke: refunded"] * 3
    assert ending(town, policy, sale.session).problems == []
    (note,) = [one for one in notes(town) if "let this pass the guard" in one]
    assert "@" in note.partition(" let this pass the guard: ")[0]
    assert "would revoke 3 licenses, more than the 2" in note


def sold(town: Town, count: int) -> tuple[list[Purchase], Policy]:
    price, policy = town.world.price()
    sales = [town.stripe.shop.buy(price) for _ in range(count)]
    town.settle()
    return sales, policy


def test_a_sweep_that_takes_from_too_large_a_share_is_refused_as_a_whole(town: Town) -> None:
    """Two of six lost their money while nobody listened: 33 % is more than the usual 20 %."""
    bought, policy = sold(town, 6)
    town.stripe.switch(drop_types=UNHEARD)
    for sale in bought[:2]:
        town.stripe.shop.refund(payment_intent=sale.payment_intent)
    sessions = [sale.session for sale in bought]

    refused = town.fulfill("reconcile", *sessions)
    before = statuses(town, policy)
    forced = town.fulfill("reconcile", *sessions, "--force")
    town.settle()

    assert refused.exit_code == 1
    assert "2 of 6 sales would have licenses revoked or shortened, 33 %" in refused.stderr
    assert "20 % that FULFILL_GUARD_MAX_SHARE allows" in refused.stderr
    assert (forced.exit_code, before) == (0, ["active"] * 6)
    assert sorted(statuses(town, policy)) == ["active"] * 4 + ["revoked"] * 2
    assert [note for note in notes(town) if "let this pass the guard" in note] != []


def test_a_sweep_within_its_share_runs(town: Town) -> None:
    """One refund that was missed is daily business, and needs no force."""
    bought, policy = sold(town, 6)
    town.stripe.switch(drop_types=UNHEARD)
    town.stripe.shop.refund(payment_intent=bought[0].payment_intent)

    done = town.fulfill("reconcile", *(sale.session for sale in bought))
    town.settle()

    assert done.exit_code == 0
    assert sorted(statuses(town, policy)) == ["active"] * 5 + ["revoked"]


def test_pain_16_a_key_of_the_other_mode_finds_nothing_and_revokes_nothing(
    quiet_town: Town,
) -> None:
    """Somebody gave the workers a live key: each known sale is a problem, and every buyer keeps
    what stands until the right key is back.
    """
    town = quiet_town
    town.start_worker()
    bought, policy = sold(town, 2)
    town.stop_workers()
    right = town.environment["STRIPE_SECRET_KEY"]
    town.environment["STRIPE_SECRET_KEY"] = "sk_live_simulator"
    town.start_worker()
    town.world.raise_all(*(sale.session for sale in bought))
    town.settle_after_failures()

    lost = statuses(town, policy), sorted(town.world.problems())
    town.stop_workers()
    town.environment["STRIPE_SECRET_KEY"] = right
    town.start_worker()
    town.world.raise_all(*(sale.session for sale in bought))
    town.settle_after_failures()

    missing = sorted(("missing_in_stripe", sale.session) for sale in bought)
    assert lost == (["active"] * 2, missing)
    assert (statuses(town, policy), town.world.problems()) == (["active"] * 2, [])
