"""Licenses of another integration: exactly as many as are wanted, or a person says which."""

from __future__ import annotations

import pytest

from tests.worlds.finds import (
    ON_ORDER,
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
    item,
    mapping,
    on,
    payment,
    plan_for,
    subscription,
)
from worker.found import FoundLicense, FoundRecord, Origin
from worker.plan.plan import Plan

SUB = mapping("price_sub", "pol_sub")
EACH = mapping("price_sub", "pol_sub", quantity="license_per_unit")
CUSTOMER = record("customer", "cus_ada", "lkc_1", name="Ada", email="ada@example.com")


def plan(
    *parts: FoundRecord | FoundLicense, quantity: int = 1, mapped: object = EACH, **more: object
) -> Plan:
    bought = subscription(payment("in_1", item("si_1", quantity=quantity)))
    return plan_for(bought, mapped, held=found(*parts, **more))  # type: ignore[arg-type]


def unclear(made: Plan) -> list[str]:
    return [one.line_id for one in made.problems if one.cause == "licenses_unclear"]


def test_a_license_on_the_order_of_this_payment_is_the_sales() -> None:
    """LicenseKit itself says on which order it was issued."""
    made = plan(ORDER, stray("lic_1", origin=ON_ORDER))

    assert adopted(made) == {"lic_1": "si_1/1", "ord_1": "in_1/prod_app"}
    assert done_to_licenses(made) == []


def test_a_license_of_the_customer_is_the_sales_only_where_the_sale_points_at_it() -> None:
    """The customer may have bought twice."""
    one = stray("lic_1", origin=Origin(customer_id="lkc_1"))
    named = stray("lic_1", origin=Origin(customer_id="lkc_1"), pointed_at=True)

    assert "lic_1" not in adopted(plan(CUSTOMER, one))
    assert adopted(plan(CUSTOMER, named))["lic_1"] == "si_1/1"


def test_as_many_licenses_as_units_are_shared_out_oldest_first() -> None:
    """Units of one line are alike."""
    made = plan(ORDER, *(stray(f"lic_{n}", origin=ON_ORDER) for n in (2, 1, 3)), quantity=3)

    assert {k: v for k, v in adopted(made).items() if k.startswith("lic")} == {
        "lic_2": "si_1/1",
        "lic_1": "si_1/2",
        "lic_3": "si_1/3",
    }


@pytest.mark.parametrize("standing", [1, 3])
def test_fewer_or_more_than_are_wanted_wait_for_a_person(standing: int) -> None:
    """Nothing is guessed, and nothing is issued beside what stands."""
    made = plan(ORDER, *(stray(f"lic_{n}", origin=ON_ORDER) for n in range(standing)), quantity=2)

    assert unclear(made) == ["si_1"]
    assert "lic_0" not in adopted(made)
    assert done_to_licenses(made) == []
    assert "fulfill adopt --csv" in made.problems[0].message


def test_a_license_of_another_policy_waits_for_a_person() -> None:
    """It is of the product that is sold, so a second one would be one too many."""
    made = plan(ORDER, stray("lic_1", origin=ON_ORDER, policy_id="pol_old"))

    assert unclear(made) == ["si_1"]
    assert done_to_licenses(made) == []


def test_a_person_may_let_another_policy_stand() -> None:
    """It is not replaced for being of another policy than the mapping's."""
    made = plan(ORDER, stray("lic_1", origin=ON_ORDER, policy_id="pol_old"), any_policy=True)

    assert written_of(made, "lic_1")["stands_for"] == "pol_sub"
    assert done_to_licenses(made) == []


def test_a_license_of_another_product_is_left_and_one_is_issued() -> None:
    """It is no license for what was bought."""
    made = plan(ORDER, stray("lic_1", origin=ON_ORDER, product_id="prod_two"))

    assert made.left["lic_1"] == "it is of product prod_two, which this sale does not sell"
    assert len(done_to_licenses(made)) == 1


def test_lines_of_one_policy_share_only_what_is_alike() -> None:
    """Where it makes a difference which license is whose, a person says it."""
    bought = subscription(payment("in_1", item("si_1"), item("si_2")))
    ends = [(on(2027), on(2027)), (on(2027), on(2026, 6))]

    def made(first: object, second: object) -> Plan:
        some = (stray("lic_1", origin=ON_ORDER, expires_at=first),)
        more = (stray("lic_2", origin=ON_ORDER, expires_at=second),)
        return plan_for(bought, SUB, held=found(ORDER, *some, *more))

    assert sorted(adopted(made(*ends[0])).values()) == ["in_1/prod_app", "si_1/1", "si_2/1"]
    assert unclear(made(*ends[1])) == ["si_1", "si_2"]


def test_a_list_that_was_cut_is_no_reason_to_issue() -> None:
    """LicenseKit lists 200; what lacks a license may have it among the others."""
    made = plan(ORDER, stray("lic_1", slot("si_1")), quantity=2, cut=True)

    assert adopted(made)["lic_1"] == "si_1/1"
    assert unclear(made) == ["si_1"]
    assert done_to_licenses(made) == []


def test_a_license_that_a_person_named_goes_to_its_line() -> None:
    """They vouch for whose it is."""
    made = plan(stray("lic_7", named_for="si_1"), quantity=2)

    assert adopted(made) == {"lic_7": "si_1/1"}


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ({"status": "revoked"}, "it is revoked"),
        ({"linked_to": "si_9/1"}, "it is linked to si_9/1 already"),
        ({"of": slot("si_9")}, "it was issued for si_9"),
        ({"product_id": "prod_x"}, "it is of product prod_x, which si_1 does not sell"),
        (
            {"policy_id": "pol_old"},
            "it is under policy pol_old, and si_1 is mapped to pol_sub: "
            "--any-policy lets it stand for that one",
        ),
    ],
)
def test_what_a_person_named_must_fit_all_the_same(named: dict[str, object], why: str) -> None:
    """Vouching for whose it is makes it no other license."""
    made = plan(stray("lic_7", named_for="si_1", **named))  # type: ignore[arg-type]

    assert adopted(made) == {}
    assert made.left == {"lic_7": why}


def test_a_license_named_for_a_sale_of_several_like_lines_needs_its_line() -> None:
    """Which of the two it is nobody can tell."""
    bought = subscription(payment("in_1", item("si_1"), item("si_2")))
    made = plan_for(bought, SUB, held=found(stray("lic_7", named_for="")))

    assert made.left == {"lic_7": "it fits several lines of the sale, si_1, si_2: name the line"}


def test_more_licenses_named_than_units_lack_one_are_told() -> None:
    """The first is taken, the second has no place."""
    made = plan(stray("lic_7", named_for="si_1"), stray("lic_8", named_for="si_1"))

    assert adopted(made) == {"lic_7": "si_1/1"}
    assert made.left == {"lic_8": "no unit of si_1 lacks a license"}


def test_a_buyer_who_came_back_keeps_the_license_that_the_sale_names() -> None:
    """The old sale may not have been looked at yet; the mapping says: reuse."""
    again = mapping("price_sub", "pol_sub", on_resubscribe="reuse")
    old = stray("lic_1", slot("si_0"), origin=Origin(customer_id="lkc_1"), pointed_at=True)

    assert adopted(plan(CUSTOMER, old, mapped=again))["lic_1"] == "si_1/1"
    assert "lic_1" not in adopted(plan(CUSTOMER, old))
