"""A person's decision about a sale: it comes before billing, and before what stood earlier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from shared.keys import StripeId
from tests.worlds.applied import applied
from tests.worlds.decisions import done
from tests.worlds.sales import (
    CUSTOMER,
    NOW,
    held_license,
    item,
    mapping,
    on,
    payment,
    plan_for,
    subscription,
)
from worker.plan.guard import Limits, find_danger, takes_away
from worker.plan.plan import Plan
from worker.plan.rules import CANCELED_BY_DECISION, HELD_BY_DECISION
from worker.state import Bought, Charge, Decision, Held, HeldLicense, Orphan, Written

HOLD = Decision("hold", "the card was stolen", "ada@desk", NOW)
CANCEL = Decision("cancel", "sold by mistake", "ada@desk", NOW)
PAID = subscription(payment("in_1", item("si_1")))
UNPAID = subscription(payment("in_1", item("si_1")), status="unpaid")
OURS = Written(expires_at=on(2027))


def decided(bought: Bought, decision: Decision | None, *licenses: HeldLicense) -> Plan:
    held = Held(customer=CUSTOMER, licenses=licenses)
    sale = replace(bought, decision=decision)
    return plan_for(sale, mapping("price_sub", "pol_sub"), held=held)


def test_a_hold_suspends_what_stands_and_renews_it_all_the_same() -> None:
    """Billing goes on beneath it, so that a release finds everything as it was paid."""
    renewed = subscription(
        payment("in_1", item("si_1")), payment("in_2", item("si_1", period=(on(2027), on(2028))))
    )

    assert done(decided(renewed, HOLD, held_license("si_1", written=OURS))) == [
        "renew lic_1 (si_1) until 2028-01-01",
        "suspend license si_1/1: held_by_decision",
    ]


def test_what_is_issued_under_a_hold_is_issued_suspended() -> None:
    """Its buyer has the key, and no access."""
    assert done(decided(PAID, HOLD)) == [
        "issue license si_1/1 under pol_sub until 2027-01-01",
        "suspend license si_1/1: held_by_decision",
    ]


def test_a_cancellation_revokes_what_stands_and_issues_nothing() -> None:
    """Whatever is paid, and also what a person in LicenseKit had suspended."""
    assert done(decided(PAID, CANCEL)) == []
    for status in ("active", "suspended", "expired"):
        license_ = held_license("si_1", status=status, written=OURS)
        assert done(decided(PAID, CANCEL, license_)) == [
            "revoke lic_1 (si_1/1): canceled_by_decision"
        ]


@pytest.mark.parametrize(("decision", "verb"), [(HOLD, "held"), (CANCEL, "canceled")])
def test_the_plan_tells_who_decided_what_when_and_why(decision: Decision, verb: str) -> None:
    """Whoever looks at the sale needs no other place to ask."""
    assert (
        f"ada@desk {verb} this sale on 2026-11-21: {decision.reason}. Billing does not undo that; "
        '"fulfill release" does'
    ) in decided(PAID, decision).notes


@pytest.mark.parametrize(
    ("decision", "step"),
    [
        (HOLD, "suspend license si_1/1: held_by_decision"),
        (CANCEL, "revoke lic_1 (si_1/1): canceled_by_decision"),
    ],
)
def test_a_decision_overrides_time_that_a_person_gave(decision: Decision, step: str) -> None:
    """Billing would leave such a license alone; whoever decides now knows better."""
    given = held_license("si_1", expires_at=on(2040), written=OURS)

    assert done(decided(PAID, decision, given)) == [step]


def test_a_hold_overrides_that_a_person_had_lifted_one_of_billing() -> None:
    """And what they trusted then holds again after the release."""
    lifted = held_license("si_1", written=replace(OURS, lifted="unpaid"))
    held = replace(lifted, status="suspended", written=replace(lifted.written, hold="x"))
    held = replace(held, written=replace(held.written, hold=HELD_BY_DECISION))

    assert done(decided(UNPAID, HOLD, lifted)) == ["suspend license si_1/1: held_by_decision"]
    assert done(decided(UNPAID, HOLD, held)) == []
    assert done(decided(UNPAID, None, held)) == [
        "reinstate license si_1/1: no longer held_by_decision"
    ]
    assert done(decided(UNPAID, None, lifted)) == []


def test_a_hold_of_a_person_in_licensekit_stays_theirs() -> None:
    """Nothing is done to it, neither now nor after the release."""
    theirs = held_license("si_1", status="suspended", written=OURS)

    assert done(decided(PAID, HOLD, theirs)) == []
    assert done(decided(PAID, None, theirs)) == []
    assert (
        "lic_1 is suspended in LicenseKit; that decision stands, also once the sale is released"
    ) in decided(PAID, HOLD, theirs).notes


def test_what_a_person_reinstates_in_licensekit_is_held_again() -> None:
    """The hold of a sale is ended by its release, not by a click on one of its licenses."""
    written = replace(OURS, hold=HELD_BY_DECISION)

    assert done(decided(PAID, HOLD, held_license("si_1", written=written))) == [
        "suspend license si_1/1: held_by_decision"
    ]


def test_a_release_lifts_our_hold() -> None:
    """Paid for, so it works again."""
    written = replace(OURS, hold=HELD_BY_DECISION)
    held = held_license("si_1", status="suspended", written=written)
    plan = decided(PAID, None, held)

    assert done(plan) == ["reinstate license si_1/1: no longer held_by_decision"]
    assert plan.steps[-1].why == "the sale was released"


def test_after_a_release_billing_takes_the_hold_over_where_it_has_a_cause() -> None:
    """The license says the true reason, so that billing lifts it when that is over."""
    written = replace(OURS, hold=HELD_BY_DECISION)
    held = held_license("si_1", status="suspended", written=written)

    assert done(decided(UNPAID, None, held)) == ["suspend license si_1/1: unpaid"]


def test_a_hold_takes_over_what_billing_had_suspended() -> None:
    """A payment that cures the unpaid invoice does not lift it then."""
    held = held_license("si_1", status="suspended", written=replace(OURS, hold="unpaid"))

    assert done(decided(UNPAID, HOLD, held)) == ["suspend license si_1/1: held_by_decision"]


def test_after_a_cancellation_a_release_issues_another_license() -> None:
    """What LicenseKit revoked stays so; the line is paid, and gets a new one."""
    sale = replace(PAID, decision=None)
    held = Held(customer=CUSTOMER, over=("si_1/1",))
    plan = plan_for(sale, mapping("price_sub", "pol_sub"), held=held)

    assert done(plan) == ["issue license si_1/1/2 under pol_sub until 2027-01-01"]


def refunded() -> Bought:
    whole = Charge(StripeId("ch_1"), 1_000, 1_000, True)
    return subscription(replace(payment("in_1", item("si_1")), charges=(whole,)))


def test_a_refund_revokes_also_under_a_hold() -> None:
    """Billing goes on beneath it; time that a person gave is held and not revoked."""
    mine = held_license("si_1", written=OURS)
    given = held_license("si_1", expires_at=on(2040), written=OURS)

    assert done(decided(refunded(), HOLD, mine)) == ["revoke lic_1 (si_1/1): refunded"]
    assert done(decided(refunded(), HOLD, given)) == ["suspend license si_1/1: held_by_decision"]


@pytest.mark.parametrize(
    "sale",
    [
        subscription(payment("in_1", item("si_1", "price_unmapped"))),
        subscription(stage="missing", reason="Stripe says 404", buyer=None),
        subscription(stage="closed", reason="it was voided"),
        subscription(payment("in_1", item("si_2"))),
    ],
    ids=["its price is not mapped", "missing in Stripe", "closed", "another line"],
)
def test_a_decision_reaches_licenses_that_no_line_asks_for(sale: Bought) -> None:
    """Every license of the sale, also where billing has nothing to say about it now."""
    stands = held_license("si_1", written=OURS)

    assert "suspend license si_1/1: held_by_decision" in done(decided(sale, HOLD, stands))
    assert "revoke lic_1 (si_1/1): canceled_by_decision" in done(decided(sale, CANCEL, stands))


def test_fewer_units_go_under_a_hold_and_the_others_are_held() -> None:
    """The buyer asked for fewer; that is billing's business."""
    one = held_license("si_1", written=OURS)
    two = held_license("si_1", id="lic_2", unit=2, written=OURS)
    held = Held(customer=CUSTOMER, licenses=(one, two))
    terms = mapping("price_sub", "pol_sub", quantity="license_per_unit")

    plan = plan_for(replace(PAID, decision=HOLD), terms, held=held)

    assert done(plan) == [
        "suspend license si_1/1: held_by_decision",
        "revoke lic_2 (si_1/2): quantity",
    ]


def test_what_waits_to_be_mapped_is_no_problem_of_a_canceled_sale() -> None:
    """Nothing will be issued, so nobody needs to map it."""
    sale = subscription(payment("in_1", item("si_1", "price_unmapped")))

    assert [p.cause for p in decided(sale, None).problems] == ["unmapped_price"]
    assert decided(sale, CANCEL).problems == ()


def test_a_license_whose_key_was_lost_goes_with_a_canceled_sale() -> None:
    """Nobody has it, and nobody shall."""
    held = Held(CUSTOMER, orphans=(Orphan("lic_9", StripeId("si_7"), 1),))
    sale = replace(PAID, decision=CANCEL)
    plan = plan_for(sale, mapping("price_sub", "pol_sub"), held=held)

    assert done(plan) == ["revoke lic_9, made for si_7/1 but its key was lost"]


def test_the_guard_lets_a_cancellation_pass_however_many_licenses_it_takes() -> None:
    """It is one sale, and whoever decided was shown what goes."""
    licenses = [held_license("si_1", id=f"lic_{n}", unit=n, written=OURS) for n in range(1, 40)]
    plan = decided(PAID, CANCEL, *licenses)

    assert {step.cause for step in plan.steps if hasattr(step, "cause")} == {CANCELED_BY_DECISION}
    assert find_danger(plan, Limits(max_revokes=0)) is None
    assert not takes_away(plan)


@pytest.mark.parametrize("intended", [{"hold": HELD_BY_DECISION}, {"hold": ""}])
@pytest.mark.parametrize("status", ["active", "suspended"])
@pytest.mark.parametrize("written", ["", HELD_BY_DECISION, "unpaid"])
@pytest.mark.parametrize("sale", [PAID, UNPAID], ids=["paid", "unpaid"])
@pytest.mark.parametrize("decision", [HOLD, CANCEL, None], ids=["hold", "cancel", "released"])
def test_a_pass_that_died_on_the_way_is_finished_by_the_next(
    decision: Decision | None, sale: Bought, written: str, status: str, intended: Mapping[str, str]
) -> None:
    """Whatever was noted and whatever was done: one plan more, and nothing is left to do."""
    half = replace(OURS, hold=written, intended=intended)
    one = replace(held_license("si_1", written=half), status=status)  # type: ignore[arg-type]
    held = Held(customer=CUSTOMER, licenses=(one,))
    bought = replace(sale, decision=decision)
    terms = mapping("price_sub", "pol_sub")

    bought, held = applied(bought, held, plan_for(bought, terms, held=held))

    assert done(plan_for(bought, terms, held=held)) == []
    if decision is not None:
        assert [one.status for one in held.licenses] == (
            [] if decision.kind == "cancel" else ["suspended"]
        )
