"""A license that stands is linked by what it says itself; nothing that points at it is believed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.worlds.applied import applied
from tests.worlds.finds import (
    ORDER,
    adopted,
    done_to_licenses,
    found,
    record,
    slot,
    stray,
    written_of,
)
from tests.worlds.sales import (
    ADA,
    held_license,
    item,
    mapping,
    on,
    once,
    payment,
    plan_for,
    session,
    subscription,
)
from worker.found import FoundLicense, FoundRecord
from worker.plan.plan import Plan
from worker.state import Bought, Charge, Held, Orphan

SUB = mapping("price_sub", "pol_sub")
EACH = mapping("price_sub", "pol_sub", quantity="license_per_unit")


def sold(quantity: int = 1, **changes: object) -> Bought:
    """One line, paid for the year 2026."""
    return subscription(payment("in_1", item("si_1", quantity=quantity)), **changes)


def plan(*parts: FoundRecord | FoundLicense, **more: object) -> Plan:
    return plan_for(sold(), SUB, held=found(*parts, **more))


def test_everything_that_stands_is_linked_and_nothing_is_made() -> None:
    """Customer, subscription, order and license, each by the name that it carries."""
    written = {
        **{"quantity": 1, "status": "active", "current_period_start": "2026-01-01T00:00:00Z"},
        **{"current_period_end": "2027-01-01T00:00:00Z", "cancel_at_period_end": False},
    }
    whole = plan(
        record("customer", "cus_ada", "lkc_1", name=ADA.name, email=ADA.email),
        record("subscription", "sub_1/prod_app", "lks_1", **written, canceled_at=None),
        ORDER,
        stray("lic_1", slot("si_1")),
    )

    assert [str(step) for step in whole.steps] == [
        "adopt lic_1 as si_1/1, found by the metadata of sub_1",
        "adopt customer lkc_1 as cus_ada, found by the metadata of sub_1",
        "adopt subscription lks_1 as sub_1/prod_app, found by the metadata of sub_1",
        "adopt order ord_1 as in_1/prod_app, found by the metadata of sub_1",
    ]
    assert whole.problems == ()
    assert written_of(whole, "lic_1") == {
        "expires_at": "2027-01-01T00:00:00Z",
        "policy_id": "pol_sub",
    }


def test_what_was_adopted_is_kept_and_the_next_plan_is_empty() -> None:
    """Also while what was found is still there to be found."""
    held = found(ORDER, stray("lic_1", slot("si_1")))
    bought, after = applied(sold(), held, plan_for(sold(), SUB, held=held))

    assert plan_for(bought, SUB, held=after).steps == ()
    assert [one.id for one in after.licenses] == ["lic_1"]


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        ({"of": slot("si_1", mode="live")}, "it was issued for account own in live mode"),
        ({"of": slot("si_1", account="acct_1")}, "it was issued for account acct_1 in test mode"),
        ({"of": slot("si_9")}, "it was issued for si_9"),
        ({"of": None}, "nothing in LicenseKit says that it is of this sale"),
        ({"of": None, "status": "revoked"}, "it is revoked"),
        ({"of": None, "linked_to": "si_7/1"}, "it is linked to si_7/1 already"),
    ],
)
def test_a_pointer_that_lies_is_told_and_the_buyer_gets_a_license(
    lie: dict[str, object], why: str
) -> None:
    """Stripe's metadata can be written by anybody; what the license says counts."""
    made = plan(stray("lic_9", pointed_at=True, **lie))  # type: ignore[arg-type]

    assert adopted(made) == {}
    assert made.left == {"lic_9": why}
    assert f"lic_9 was not adopted: {why}" in made.notes
    assert done_to_licenses(made) == ["issue license si_1/1 under pol_sub until 2027-01-01"]


def test_records_of_another_sale_are_left_alone() -> None:
    """A customer by its code, an order and a subscription by their external id."""
    made = plan(
        record("customer", "cus_eve", "lkc_9"),
        record("order", "in_9/prod_app", "ord_9", status="paid"),
        record("subscription", "", "lks_9"),
    )

    assert adopted(made) == {}
    assert set(made.left) == {"lkc_9", "ord_9", "lks_9"}
    assert "names nothing of Stripe's" in made.left["lks_9"]


def test_an_own_license_of_a_product_that_the_sale_does_not_sell_waits_for_a_person() -> None:
    """It stands, and says whose it is: a second one beside it would be one too many."""
    made = plan(stray("lic_1", slot("si_1"), product_id="prod_old"))

    assert [(one.cause, one.line_id) for one in made.problems] == [("licenses_unclear", "si_1")]
    assert done_to_licenses(made) == []


def test_of_replaced_licenses_only_the_last_one_stands() -> None:
    """The one before is linked as what it is, so that nothing is counted anew."""
    made = plan(
        stray("lic_1", slot("si_1"), status="revoked", policy_id="pol_old"),
        stray("lic_2", slot("si_1", issue=2)),
    )

    assert adopted(made) == {"lic_1": "si_1/1", "lic_2": "si_1/1/2"}
    assert written_of(made, "lic_1")["revoked"] == "replaced"
    assert done_to_licenses(made) == []


def test_a_license_that_a_person_revoked_is_not_issued_again() -> None:
    """No reason that billing has now: so a person had one."""
    made = plan(stray("lic_1", slot("si_1"), status="revoked"))

    assert adopted(made) == {"lic_1": "si_1/1"}
    assert "revoked" not in written_of(made, "lic_1")
    assert "lic_1 was revoked in LicenseKit; that decision stands" in made.notes
    assert done_to_licenses(made) == []


def test_two_licenses_of_one_unit_are_a_persons_case_unless_stripe_names_one() -> None:
    """One of them is an orphan that a dead pass left in a database that is gone."""
    one, two = stray("lic_1", slot("si_1")), stray("lic_2", slot("si_1"))

    assert [p.cause for p in plan(one, two).problems] == ["licenses_unclear"]
    assert done_to_licenses(plan(one, two)) == []
    assert adopted(plan(one, replace(two, pointed_at=True))) == {"lic_2": "si_1/1"}


def test_a_license_that_goes_on_in_another_sale_is_not_issued_again() -> None:
    """The buyer came back, and the other subscription has it now."""
    made = plan(stray("lic_1", slot("si_1"), linked_to="si_2/1"))

    assert written_of(made, "lic_1")["moved_to"] == "si_2/1"
    assert done_to_licenses(made) == []


def test_an_orphan_of_an_open_intent_is_seen_through_and_nothing_is_adopted_in_its_place() -> None:
    """Nobody has its key: it is revoked, and a new one issued, as ever."""
    held = replace(found(stray("lic_2", slot("si_1"))), orphans=(Orphan("lic_1", "si_1", 1),))  # type: ignore[arg-type]
    made = plan_for(sold(), SUB, held=held)

    assert adopted(made) == {}
    assert done_to_licenses(made)[0].startswith("revoke lic_1, made for si_1/1")


@pytest.mark.parametrize(("status", "held_for"), [("past_due", "past_due"), ("active", None)])
def test_a_suspension_is_billings_where_billing_would_hold_it_now(
    status: str, held_for: str | None
) -> None:
    """Else it is a person's, and stays."""
    strict = mapping("price_sub", "pol_sub", on_past_due="suspend")
    held = found(stray("lic_1", slot("si_1"), status="suspended"))
    made = plan_for(sold(status=status), strict, held=held)

    assert written_of(made, "lic_1").get("hold") == held_for
    assert done_to_licenses(made) == []


def test_a_unit_that_is_not_bought_any_more_is_adopted_and_taken_away() -> None:
    """The quantity fell while the database was gone."""
    units = [stray(f"lic_{unit}", slot("si_1", unit)) for unit in (1, 2, 3)]
    made = plan_for(sold(quantity=2), EACH, held=found(*units))

    assert adopted(made) == {"lic_1": "si_1/1", "lic_2": "si_1/2", "lic_3": "si_1/3"}
    assert done_to_licenses(made) == ["revoke lic_3 (si_1/3): quantity"]


def test_a_renewal_that_came_meanwhile_renews_what_was_adopted() -> None:
    """One plan: linked first, then moved to the end that is paid."""
    made = plan(stray("lic_1", slot("si_1"), expires_at=on(2026, 7)))

    assert done_to_licenses(made) == ["renew lic_1 (si_1) until 2027-01-01"]


def test_a_license_of_a_mapping_that_changed_meanwhile_is_not_replaced() -> None:
    """It was issued for the price that is sold now: the sale keeps what it was sold."""
    made = plan(stray("lic_1", slot("si_1"), policy_id="pol_old"))
    bought, after = applied(sold(), found(stray("lic_1", slot("si_1"), policy_id="pol_old")), made)

    assert written_of(made, "lic_1")["stands_for"] == "pol_sub"
    assert done_to_licenses(made) == []
    other = mapping("price_sub", "pol_pro")
    again = done_to_licenses(plan_for(bought, other, held=after))
    assert again[0] == "issue license si_1/1/2 under pol_pro until 2027-01-01 in place of lic_1"


def test_a_change_of_price_that_came_meanwhile_replaces_it_as_ever() -> None:
    """It was issued for another price than the one that is sold now."""
    made = plan(stray("lic_1", slot("si_1", price_id="price_old"), policy_id="pol_old"))

    assert [step.partition(" ")[0] for step in done_to_licenses(made)] == ["issue", "revoke"]


def test_features_that_the_mapping_gives_count_as_ours_and_others_do_not() -> None:
    """What a person put on the license is nothing that billing takes off."""
    seats = mapping("price_sub", "pol_sub", seat_feature="feat_seats")
    one = stray("lic_1", slot("si_1"), features={"feat_seats": 1, "feat_gift": None})
    made = plan_for(sold(), seats, held=found(one))

    assert written_of(made, "lic_1")["features"] == {"feat_seats": 1}
    assert done_to_licenses(made) == []


def test_a_license_that_we_have_is_not_adopted_twice() -> None:
    """A second one that says the same is told."""
    held = replace(found(stray("lic_2", slot("si_1"))), licenses=(held_license("si_1"),))
    made = plan_for(sold(), SUB, held=held)

    assert adopted(made) == {}
    assert made.left == {"lic_2": "si_1/1 has its license"}


def test_what_was_paid_back_is_adopted_and_taken_away() -> None:
    """Else its buyer would keep a license that nobody watches."""
    bought = session(once("li_1"))
    back = replace(bought.payments[0], charges=(Charge("ch_1", 1000, 1000, True),))  # type: ignore[arg-type]
    ever = mapping("price_once", "pol_ever")
    one = stray("lic_1", slot("li_1"), policy_id="pol_ever", expires_at=None)
    made = plan_for(replace(bought, payments=(back,)), ever, held=found(one))

    assert done_to_licenses(made) == ["revoke lic_1 (li_1/1): refunded"]


def test_nothing_found_is_nothing_adopted() -> None:
    """A sale without finds is planned as ever."""
    assert adopted(plan_for(sold(), SUB, held=Held())) == {}
