"""What a person decides in LicenseKit stands: billing says what it would do, and leaves it."""

from __future__ import annotations

import pytest

from simulator.orders import Purchase
from tests.worlds.ending import Ending, deeds, ending, notes, paid_until, payment_of, renew
from tests.worlds.licensekit import Policy
from tests.worlds.town import Town
from tests.worlds.world import MONTH

LATE = "2040-01-01T00:00:00Z"


def rented(town: Town) -> tuple[Purchase, Policy, str]:
    """A monthly subscription with its license: the sale, the policy, "lic_…"."""
    price, policy = town.world.price("subscription", recurring=MONTH)
    sale = town.stripe.shop.subscribe(price)
    town.settle()
    (license_,) = town.world.books.licenses(policy.product_id)
    return sale, policy, license_["id"]


def test_a_license_that_a_person_suspended_is_renewed_and_stays_suspended(town: Town) -> None:
    """The month is paid; who suspended it decides when it works again."""
    sale, policy, license_id = rented(town)
    town.world.books.act(license_id, "suspend")

    second = renew(town, sale.subscription)

    end = paid_until(town, second)
    assert ending(town, policy, sale.subscription) == Ending(
        [f"suspended {end}"], ["paid", "paid"], [f"active {end}"], [1], []
    )
    assert f"{license_id} is suspended in LicenseKit; that decision stands" in notes(town)


def test_a_dispute_that_is_won_does_not_lift_the_hold_of_a_person(town: Town) -> None:
    """Whoever put the hold takes it off; the journal says that billing would have held it too."""
    sale, policy, license_id = rented(town)
    town.world.books.act(license_id, "suspend")
    dispute = town.stripe.shop.dispute(payment_of(town, str(sale.invoice)))
    town.settle()

    town.stripe.shop.close_dispute(dispute, "won")
    town.settle()

    end = paid_until(town, sale.invoice)
    assert ending(town, policy, sale.subscription) == Ending(
        [f"suspended {end}"], ["paid"], [f"active {end}"], [1], []
    )
    assert deeds(town) == [f"issue {end}"]
    assert (
        f"{license_id} is suspended in LicenseKit; that decision stands: billing would do the "
        "same, because a dispute is open about what pays for it"
    ) in notes(town)


def test_a_license_that_a_person_revoked_is_not_issued_again_by_the_next_payment(
    town: Town,
) -> None:
    """Money does not overrule a person."""
    sale, policy, license_id = rented(town)
    first_end = paid_until(town, sale.invoice)
    town.world.books.act(license_id, "revoke")

    second = renew(town, sale.subscription)

    assert ending(town, policy, sale.subscription) == Ending(
        [f"revoked {first_end}"],
        ["paid", "paid"],
        [f"active {paid_until(town, second)}"],
        [1],
        [],
    )
    assert deeds(town) == [f"issue {first_end}"]
    assert f"{license_id} was revoked in LicenseKit; that decision stands" in notes(town)


@pytest.mark.parametrize("event", ["refund", "renewal", "dispute"])
def test_a_license_that_a_person_extended_keeps_its_end(town: Town, event: str) -> None:
    """Neither the next month nor a refund moves it; a dispute does not hold it either."""
    sale, policy, license_id = rented(town)
    town.world.books.extend(license_id, LATE)

    if event == "renewal":
        would = f"let it run {paid_until(town, renew(town, sale.subscription))}"
    elif event == "refund":
        town.stripe.shop.refund(payment_intent=payment_of(town, str(sale.invoice)))
        would = "revoke it: what paid for it was refunded"
    else:
        town.stripe.shop.dispute(payment_of(town, str(sale.invoice)))
        would = "suspend it: a dispute is open about what pays for it"
    town.settle()

    assert ending(town, policy, sale.subscription).licenses == ["active until 2040-01-01"]
    assert deeds(town) == [f"issue {paid_until(town, sale.invoice)}"]
    stands = f"{license_id} was set until 2040-01-01 in LicenseKit; that decision stands"
    assert f"{stands}: billing would {would}" in notes(town)


def test_a_refunded_month_does_not_shorten_what_a_person_extended(town: Town) -> None:
    """The journal names the end that billing would have set."""
    sale, policy, license_id = rented(town)
    second = renew(town, sale.subscription)
    town.world.books.extend(license_id, LATE)

    town.stripe.shop.refund(payment_intent=payment_of(town, second))
    town.settle()

    found = ending(town, policy, sale.subscription)
    assert (found.licenses, found.orders) == (["active until 2040-01-01"], ["paid", "refunded"])
    stands = f"{license_id} was set until 2040-01-01 in LicenseKit; that decision stands"
    assert f"{stands}: billing would let it run {paid_until(town, sale.invoice)}" in notes(town)


def test_a_license_that_a_person_transferred_stays_with_its_new_owner(town: Town) -> None:
    """The buyer goes on paying; the license is renewed for the one who has it."""
    sale, policy, license_id = rented(town)
    heir = town.world.books.customer("Heir")
    town.world.books.transfer(license_id, heir)

    second = renew(town, sale.subscription)

    end = paid_until(town, second)
    assert ending(town, policy, sale.subscription) == Ending(
        [f"active {end}"], ["paid", "paid"], [f"active {end}"], [1], []
    )
    assert town.world.books.license(license_id)["customer_id"] == heir


def test_a_person_who_lifts_our_hold_is_not_overruled(town: Town) -> None:
    """Support trusts the buyer: the license stays active while the dispute goes on."""
    sale, policy, license_id = rented(town)
    dispute = town.stripe.shop.dispute(payment_of(town, str(sale.invoice)))
    town.settle()
    held = ending(town, policy, sale.subscription).licenses
    town.world.books.act(license_id, "reinstate")

    town.stripe.shop.answer_dispute(dispute)
    town.settle()
    lifted = ending(town, policy, sale.subscription).licenses
    town.stripe.shop.close_dispute(dispute, "won")
    town.settle()

    end = paid_until(town, sale.invoice)
    assert (held, lifted) == ([f"suspended {end}"], [f"active {end}"])
    assert ending(town, policy, sale.subscription) == Ending(
        [f"active {end}"], ["paid"], [f"active {end}"], [1], []
    )
    assert (
        f"{license_id} was reinstated in LicenseKit; that decision stands: billing would suspend "
        "it, because a dispute is open about what pays for it"
    ) in notes(town)


def test_a_hold_of_ours_works_again_after_a_person_lifted_an_earlier_one(town: Town) -> None:
    """A decision is about its own case: the next dispute is held as any other."""
    sale, policy, license_id = rented(town)
    first = town.stripe.shop.dispute(payment_of(town, str(sale.invoice)))
    town.settle()
    town.world.books.act(license_id, "reinstate")
    town.stripe.shop.close_dispute(first, "won")
    town.settle()
    second = renew(town, sale.subscription)

    town.stripe.shop.dispute(payment_of(town, second))
    town.settle()

    end = paid_until(town, second)
    assert ending(town, policy, sale.subscription).licenses == [f"suspended {end}"]
