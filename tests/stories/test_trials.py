"""Trials: to their end, into a paid period, with no way to pay, and under their own policy."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.orders import Purchase
from tests.worlds.ending import Ending, deeds, ending, notes
from tests.worlds.licensekit import Policy
from tests.worlds.town import Town
from tests.worlds.world import MONTH

DAYS = 14  # from New Year 2030 to the 15th
ON_TRIAL = Ending(["active until 2030-01-15"], ["paid"], ["trialing until 2030-01-15"], [1], [])
PAID = Ending(["active until 2030-02-15"], ["paid"] * 2, ["active until 2030-02-15"], [1], [])


def later(town: Town, days: float) -> None:
    """So much later; an invoice is final an hour after its day."""
    town.stripe.advance(days=days, seconds=7200)
    town.settle()


def begin(town: Town, price: str, **details: Any) -> Purchase:
    sale = town.stripe.shop.subscribe(price, trial_days=DAYS, **details)
    town.settle()
    return sale


def monthly(town: Town, **terms: Any) -> tuple[str, Policy]:
    price, policy = town.world.price("subscription", recurring=MONTH)
    town.world.map(price, policy, **terms)
    return price, policy


def test_pain_11_a_trial_that_is_paid_for_goes_on_in_the_same_license(
    town_on_a_clock: Town,
) -> None:
    """The invoice over nothing gives the trial and no month; the first payment gives the month."""
    town = town_on_a_clock
    price, policy = monthly(town)

    sale = begin(town, price)
    assert ending(town, policy, sale.subscription) == ON_TRIAL
    later(town, DAYS)

    assert ending(town, policy, sale.subscription) == PAID
    assert deeds(town) == ["issue until 2030-01-15", "renew until 2030-02-15"]


def test_a_trial_whose_first_payment_fails_keeps_its_grace_and_is_suspended_then(
    town_on_a_clock: Town,
) -> None:
    """And is reinstated by the payment that comes after all."""
    town = town_on_a_clock
    price, policy = monthly(town, grace_days=2)
    sale = begin(town, price)
    town.stripe.shop.fail_payments(str(sale.customer))

    later(town, DAYS)
    in_grace = ending(town, policy, sale.subscription)
    later(town, 3)
    suspended = ending(town, policy, sale.subscription)
    town.stripe.shop.unfail(str(sale.customer))
    later(town, 5)

    owed = ["past_due until 2030-02-15"]
    assert in_grace == Ending(["active until 2030-01-17"], ["paid"], owed, [1], [])
    assert suspended == Ending(["suspended until 2030-01-17"], ["paid"], owed, [1], [])
    assert ending(town, policy, sale.subscription) == Ending(
        ["active until 2030-02-17"], ["paid"] * 2, ["active until 2030-02-15"], [1], []
    )
    assert deeds(town) == [
        "issue until 2030-01-17",
        "suspend: past_due",
        "renew until 2030-02-17",
        "reinstate: past_due",
    ]


MISSING: dict[str, tuple[Ending, list[str]]] = {
    "cancel": (
        Ending(["active until 2030-01-15"], ["paid"], ["canceled until 2030-01-15"], [1], []),
        [],
    ),
    "pause": (
        Ending(["suspended until 2030-01-15"], ["paid"], ["paused until 2030-01-15"], [1], []),
        ["suspend: paused"],
    ),
    "create_invoice": (
        Ending(["suspended until 2030-01-15"], ["paid"], ["past_due until 2030-02-15"], [1], []),
        ["suspend: past_due"],
    ),
}


def begin_without_card(town: Town, price: str, missing: str) -> Purchase:
    return begin(
        town, price, payment_method_collection="if_required", missing_payment_method=missing
    )


@pytest.mark.parametrize("missing", MISSING)
def test_a_trial_without_a_payment_method_gives_its_days_and_no_more(
    town_on_a_clock: Town, missing: str
) -> None:
    """Whatever Stripe was told to do at its end: cancel, pause, or ask for the money."""
    town = town_on_a_clock
    price, policy = monthly(town)
    sale = begin_without_card(town, price, missing)
    assert ending(town, policy, sale.subscription) == ON_TRIAL

    later(town, DAYS)

    end, done = MISSING[missing]
    assert ending(town, policy, sale.subscription) == end
    assert deeds(town) == ["issue until 2030-01-15", *done]


def test_a_trial_that_was_paused_without_a_card_goes_on_when_it_is_paid(
    town_on_a_clock: Town,
) -> None:
    """Our hold is lifted by the payment; the new period begins on that day."""
    town = town_on_a_clock
    price, policy = monthly(town)
    sale = begin_without_card(town, price, "pause")
    later(town, 20)

    town.stripe.shop.add_card(str(sale.customer))
    town.stripe.shop.resume(str(sale.subscription))
    later(town, 0)

    assert ending(town, policy, sale.subscription) == Ending(
        ["active until 2030-02-21"], ["paid"] * 2, ["active until 2030-02-21"], [1], []
    )
    assert deeds(town) == [
        "issue until 2030-01-15",
        "suspend: paused",
        "renew until 2030-02-21",
        "reinstate: paused",
    ]


def test_a_trial_that_the_seller_makes_longer_extends_the_license(town_on_a_clock: Town) -> None:
    """Without any invoice; and ended early by a payment it goes on from that day."""
    town = town_on_a_clock
    price, policy = monthly(town)
    sale = begin(town, price)

    town.stripe.shop.move_trial_end(str(sale.subscription), "2030-01-25T00:00:00+00:00")
    town.settle()
    longer = ending(town, policy, sale.subscription)
    town.stripe.advance(to="2030-01-20T00:00:00+00:00")
    town.stripe.shop.end_trial(str(sale.subscription))
    town.settle()

    assert (longer.licenses, longer.records) == (
        ["active until 2030-01-25"],
        ["trialing until 2030-01-25"],
    )
    assert ending(town, policy, sale.subscription) == Ending(
        ["active until 2030-02-20"], ["paid"] * 2, ["active until 2030-02-20"], [1], []
    )


def test_a_trial_policy_gives_way_to_the_paid_one(town_on_a_clock: Town) -> None:
    """The new license is there before the trial's is revoked, and Stripe points at the new one."""
    town = town_on_a_clock
    books = town.world.books
    trial = books.policy("trial")
    policy = books.policy("subscription", trial.product_id)
    price = town.stripe.shop.price("Editor", 4900, recurring=MONTH)
    town.world.map(price, policy, trial_policy=trial.id)

    sale = begin(town, price)
    assert ending(town, policy, sale.subscription) == ON_TRIAL
    later(town, DAYS)

    assert ending(town, policy, sale.subscription) == Ending(
        ["revoked until 2030-01-15", "active until 2030-02-15"],
        ["paid"] * 2,
        ["active until 2030-02-15"],
        [2],
        [],
    )
    old, new = books.licenses(policy.product_id)
    assert [old["policy_id"], new["policy_id"]] == [trial.id, policy.id]
    assert (books.accepts(town.world.key_of(new["id"])), old["status"]) == (True, "revoked")
    assert deeds(town) == ["issue until 2030-01-15", "issue", "revoke: replaced"]
    (issued,) = [step for step, _ in town.world.steps() if "in place of" in step]
    assert issued == (
        f"issue license {sale.items[0]}/1/2 under {policy.id} until 2030-02-15 "
        f"in place of {old['id']}"
    )


def test_a_trial_of_several_units_gives_way_unit_by_unit(town_on_a_clock: Town) -> None:
    """Each unit's trial license is revoked for its own successor."""
    town = town_on_a_clock
    books = town.world.books
    trial = books.policy("trial")
    policy = books.policy("subscription", trial.product_id)
    price = town.stripe.shop.price("Editor", 4900, recurring=MONTH)
    town.world.map(price, policy, trial_policy=trial.id, quantity="license_per_unit")

    sale = town.stripe.shop.subscribe({"price": price, "quantity": 2}, trial_days=DAYS)
    town.settle()
    later(town, DAYS)

    assert ending(town, policy, sale.subscription) == Ending(
        ["revoked until 2030-01-15"] * 2 + ["active until 2030-02-15"] * 2,
        ["paid"] * 2,
        ["active until 2030-02-15"],
        [3, 4],
        [],
    )
    assert sorted(deeds(town)[2:]) == ["issue"] * 2 + ["revoke: replaced"] * 2


def test_a_trial_policy_stays_when_nobody_pays(town_on_a_clock: Town) -> None:
    """There is nothing to convert to: the trial's license is held, and never replaced."""
    town = town_on_a_clock
    books = town.world.books
    trial = books.policy("trial")
    policy = books.policy("subscription", trial.product_id)
    price = town.stripe.shop.price("Editor", 4900, recurring=MONTH)
    town.world.map(price, policy, trial_policy=trial.id)
    sale = begin(town, price)
    town.stripe.shop.fail_payments(str(sale.customer))

    later(town, DAYS)

    assert ending(town, policy, sale.subscription) == Ending(
        ["suspended until 2030-01-15"], ["paid"], ["past_due until 2030-02-15"], [1], []
    )
    assert [one["policy_id"] for one in books.licenses(policy.product_id)] == [trial.id]
    assert any("a payment failed" in note for note in notes(town))
