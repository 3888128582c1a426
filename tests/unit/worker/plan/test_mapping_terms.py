"""How mappings turn what was sold into licenses, and what happens where one is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.worlds.sales import (
    causes_of,
    item,
    mapping,
    once,
    payment,
    plan_for,
    session,
    steps_of,
    subscription,
)

EVER = mapping("price_once", "pol_ever")


def issued(steps: list[str]) -> list[str]:
    return [step for step in steps if step.startswith("issue")]


def test_pain_20_a_license_for_each_unit_numbers_the_units() -> None:
    """Three seats under `license_per_unit` are three licenses; each keeps its number."""
    each = mapping("price_once", "pol_ever", quantity="license_per_unit")

    steps = steps_of(plan_for(session(once("li_1", quantity=3)), each))

    assert issued(steps) == [
        "issue license li_1/1 under pol_ever for ever",
        "issue license li_1/2 under pol_ever for ever",
        "issue license li_1/3 under pol_ever for ever",
    ]


@pytest.mark.parametrize("quantity", ["one_license", "license_per_unit"])
def test_a_line_over_none_at_all_brings_no_license(quantity: str) -> None:
    """Stripe keeps items of quantity 0 on a subscription: nothing is bought by them."""
    terms = mapping("price_once", "pol_ever", quantity=quantity)

    assert issued(steps_of(plan_for(session(once("li_1", quantity=0)), terms))) == []


def test_pain_20_one_license_carries_its_quantity() -> None:
    """Three seats under `one_license` are one license that says three."""
    plan = plan_for(session(once("li_1", quantity=3), targets=()), EVER)

    license_step = plan.steps[-1]
    assert str(license_step) == "issue license li_1/1 under pol_ever for ever"
    assert license_step.metadata["quantity"] == 3  # type: ignore[union-attr]


def test_pain_22_an_unmapped_price_holds_up_its_own_line_only() -> None:
    """The mapped line is licensed at once; the other waits, and the message says how to go on."""
    plan = plan_for(session(once("li_1"), once("li_2", "price_new"), targets=()), EVER)

    assert issued(steps_of(plan)) == ["issue license li_1/1 under pol_ever for ever"]
    assert [(p.cause, p.subject, p.line_id) for p in plan.problems] == [
        ("unmapped_price", "price_new", "li_2")
    ]
    assert "fulfill mappings set price_new --policy <policy>" in plan.problems[0].message


def test_a_sale_with_nothing_mapped_makes_no_record_at_all() -> None:
    """Nothing is written for a sale that nobody can license yet."""
    plan = plan_for(session(once("li_1")))

    assert (plan.steps, causes_of(plan)) == ((), ["unmapped_price"])


def test_a_product_mapping_covers_all_its_prices() -> None:
    """Where the price has no mapping, its product's counts."""
    plan = plan_for(session(once("li_1")), mapping("prod_of_price_once", "pol_ever"))

    assert issued(steps_of(plan)) == ["issue license li_1/1 under pol_ever for ever"]


def test_pain_22_a_sale_keeps_the_terms_it_was_sold_under() -> None:
    """A newer version of the mapping is for new sales."""
    newer = mapping("price_once", "pol_days", version=2, term_days=30)

    plan = plan_for(session(once("li_1")), EVER, newer, frozen={"price_once": 1})

    assert issued(steps_of(plan)) == ["issue license li_1/1 under pol_ever for ever"]
    assert plan.versions == {"price_once": 1}


def test_a_new_sale_takes_the_newest_terms_and_keeps_them() -> None:
    """The version in force at the first pass is what is kept with the sale."""
    newer = mapping("price_once", "pol_days", version=2, term_days=30)

    plan = plan_for(session(once("li_1")), EVER, newer)

    assert issued(steps_of(plan)) == ["issue license li_1/1 under pol_days until 2026-12-21"]
    assert plan.versions == {"price_once": 2}


def test_a_retired_price_still_renews_who_bought_it() -> None:
    """Retiring a mapping stops new sales; a version that was kept stays valid."""
    retired = replace(mapping("price_sub", "pol_sub"), retired=True)

    plan = plan_for(subscription(payment("in_1", item("si_1"))), retired, frozen={"price_sub": 1})

    assert issued(steps_of(plan)) == ["issue license si_1/1 under pol_sub until 2027-01-01"]


def test_a_policy_that_licensekit_does_not_have_holds_up_its_line() -> None:
    """The other lines go on."""
    lost = mapping("price_lost", "pol_lost", version=2)

    plan = plan_for(session(once("li_1"), once("li_2", "price_lost")), EVER, lost)

    assert issued(steps_of(plan)) == ["issue license li_1/1 under pol_ever for ever"]
    assert [(p.cause, p.subject) for p in plan.problems] == [("policy_missing", "price_lost")]


def test_terms_that_could_not_be_carried_out_are_not_kept() -> None:
    """Else the mended mapping would be for new sales only, and this buyer would wait for ever."""
    lost = mapping("price_lost", "pol_lost", version=2)
    endless = mapping("price_days", "pol_days", version=3)
    bought = session(once("li_1"), once("li_2", "price_lost"), once("li_3", "price_days"))

    plan = plan_for(bought, EVER, lost, endless)

    assert causes_of(plan) == ["policy_missing", "term_missing"]
    assert plan.versions == {"price_once": 1}


def test_a_setup_fee_without_a_mapping_is_no_problem() -> None:
    """An invoice line that is no item of the subscription needs no license."""
    fee = replace(item("si_gone", "price_fee"))
    bought = subscription(payment("in_1", item("si_1"), fee))
    without_fee = replace(bought, lines=bought.lines[:1])

    plan = plan_for(without_fee, mapping("price_sub", "pol_sub"))

    assert plan.problems == ()
