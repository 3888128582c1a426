"""What people did in LicenseKit stands, and what can't be mended by itself is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.keys import StripeId
from tests.worlds.applied import applied
from tests.worlds.sales import (
    CUSTOMER,
    held_license,
    item,
    mapping,
    on,
    payment,
    plan_for,
    steps_of,
    subscription,
)
from worker.found import LicenseStatus
from worker.plan.guard import Limits, find_danger
from worker.plan.steps import SubscriptionRecord
from worker.plan.written import written_subscription
from worker.state import Held, HeldLicense, Orphan, Record, Written

SUB = mapping("price_sub", "pol_sub")
PAID = subscription(payment("in_1", item("si_1")))
RENEWED = subscription(
    payment("in_1", item("si_1")), payment("in_2", item("si_1", period=(on(2027), on(2028))))
)


def holding(*licenses: HeldLicense, **changes: object) -> Held:
    held = Held(customer=CUSTOMER, licenses=licenses)
    return replace(held, **changes)  # type: ignore[arg-type]


def license_steps(held: Held, bought: object = RENEWED) -> list[str]:
    steps = steps_of(plan_for(bought, SUB, held=held))  # type: ignore[arg-type]
    return [s for s in steps if s.startswith(("issue", "renew", "revoke"))]


def test_a_revoked_license_is_not_renewed_and_not_replaced() -> None:
    """Somebody revoked it: a later payment doesn't overrule a person."""
    assert license_steps(holding(held_license("si_1", status="revoked"))) == []


def test_a_suspended_license_is_renewed_and_stays_suspended() -> None:
    """The time is paid; who suspended it decides when it works again."""
    held = holding(held_license("si_1", status="suspended"))

    assert license_steps(held) == ["renew lic_1 (si_1) until 2028-01-01"]


@pytest.mark.parametrize(("status", "verb"), [("revoked", "was"), ("suspended", "is")])
def test_a_decision_that_a_person_made_is_noted(status: LicenseStatus, verb: str) -> None:
    """The plan says what it saw and left alone."""
    plan = plan_for(PAID, SUB, held=holding(held_license("si_1", status=status)))

    assert f"lic_1 {verb} {status} in LicenseKit; that decision stands" in plan.notes


def test_a_license_that_ran_out_is_noted() -> None:
    """An ended license explains why a buyer calls."""
    ended = held_license("si_1", expires_at=on(2026, 6))
    old = subscription(payment("in_1", item("si_1", period=(on(2026), on(2026, 6)))))

    assert "lic_1 ended on 2026-06-01" in plan_for(old, SUB, held=holding(ended)).notes


def test_a_license_that_is_gone_from_licensekit_is_a_problem_and_not_issued_again() -> None:
    """Who deleted it had a reason or made a slip: a person finds out."""
    plan = plan_for(PAID, SUB, held=holding(gone=("si_1/1",)))

    assert [s for s in steps_of(plan) if s.startswith("issue")] == []
    assert [(p.cause, p.subject) for p in plan.problems] == [("license_missing", "si_1/1")]


def test_a_sale_whose_license_is_gone_is_not_written_to_stripe_again_and_again() -> None:
    """The lost id can't be written any more, so it is no difference either."""
    bought, held = applied(PAID, Held(), plan_for(PAID, SUB))

    plan = plan_for(bought, SUB, held=replace(held, licenses=(), gone=("si_1/1",)))

    assert steps_of(plan) == []


def test_a_change_to_another_policy_brings_a_new_license_before_the_old_one_goes() -> None:
    """There is no way to change a license's policy in place."""
    assert license_steps(holding(held_license("si_1", "pol_pro"))) == [
        "issue license si_1/1/2 under pol_sub until 2028-01-01 in place of lic_1",
        "revoke lic_1 (si_1/1): replaced",
    ]


def test_pain_18_the_license_of_another_line_is_not_touched() -> None:
    """A license hangs on its line, never on the customer."""
    other = held_license("si_other", id="lic_other", expires_at=on(2025))

    assert license_steps(holding(other)) == ["issue license si_1/1 under pol_sub until 2028-01-01"]


def test_a_license_whose_key_was_lost_is_revoked_before_another_is_issued() -> None:
    """A pass died between creating it and keeping its key: nobody has it."""
    orphan = Orphan("lic_lost", StripeId("si_1"), 1)

    assert license_steps(holding(orphans=(orphan,)), PAID) == [
        "revoke lic_lost, made for si_1/1 but its key was lost",
        "issue license si_1/1 under pol_sub until 2027-01-01",
    ]


def test_too_many_lost_keys_stop_the_plan_and_the_message_names_both_numbers() -> None:
    """A plan that takes away more than is usual is shown and not run."""
    orphans = tuple(Orphan(f"lic_{n}", StripeId("si_1"), 1) for n in range(6))
    plan = plan_for(PAID, SUB, held=holding(orphans=orphans))

    danger = find_danger(plan, Limits())

    assert danger is not None
    assert "revoke 6 licenses" in danger
    assert "the 5 allowed" in danger


def test_a_plan_within_its_limits_may_run() -> None:
    """A crash or two are daily business."""
    orphans = tuple(Orphan(f"lic_{n}", StripeId("si_1"), 1) for n in range(5))

    assert find_danger(plan_for(PAID, SUB, held=holding(orphans=orphans)), Limits()) is None


def test_a_limit_can_be_set_to_nothing() -> None:
    """The operator's limit counts, not the default."""
    plan = plan_for(PAID, SUB, held=holding(orphans=(Orphan("lic_1", StripeId("si_1"), 1),)))

    assert find_danger(plan, Limits(max_orphans=0)) is not None


def test_a_plan_change_to_another_product_ends_the_record_under_the_old_one() -> None:
    """Two active records of one subscription would tell of two sales."""
    old = SubscriptionRecord("active", on(2026), on(2027), False, None)
    held = holding(
        held_license("si_1", "pol_old", product_id="prod_old"),
        subscriptions={"sub_1/prod_old": Record("lks_1", written_subscription(old, {}))},
    )

    steps = steps_of(plan_for(PAID, SUB, held=held))

    assert [step for step in steps if step.startswith("record subscription")] == [
        "record subscription sub_1 of prod_app: active until 2027-01-01",
        "record subscription sub_1 of prod_old: canceled until 2027-01-01",
    ]


def test_time_that_a_person_gave_goes_on_in_the_license_of_the_new_plan() -> None:
    """The buyer changed the plan; what support gave them on top is not taken away by that."""
    given = Written(expires_at=on(2027))
    old = held_license("si_1", "pol_pro", expires_at=on(2030), written=given)

    assert license_steps(holding(old)) == [
        "issue license si_1/1/2 under pol_sub until 2030-01-01 in place of lic_1",
        "revoke lic_1 (si_1/1): replaced",
    ]
