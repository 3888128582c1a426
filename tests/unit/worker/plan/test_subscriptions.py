"""What a subscription brings its buyer, from the first payment on."""

from __future__ import annotations

from dataclasses import replace

import pytest

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
from worker.plan.ids import Ref
from worker.plan.steps import RecordOrder, RenewLicense, SubscriptionRecord
from worker.plan.written import written_subscription
from worker.spans import paid_span
from worker.state import Held, Record

SUB = mapping("price_sub", "pol_sub")
FIRST = payment("in_1", item("si_1"))
SECOND = payment("in_2", item("si_1", period=(on(2027), on(2028))))


def record(until: int) -> Record:
    wanted = SubscriptionRecord("active", on(2026), on(until), False, None)
    return Record("subrec_1", written_subscription(wanted, {"quantity": 1}))


def after_the_first_payment() -> Held:
    return Held(
        customer=CUSTOMER,
        orders={"in_1/prod_app": Record("ord_1", {"status": "paid"})},
        subscriptions={"sub_1/prod_app": record(2027)},
        licenses=(held_license("si_1"),),
    )


def test_the_first_payment_brings_the_records_and_a_license_to_the_end_of_its_period() -> None:
    """The order names the subscription record, so that comes first."""
    assert steps_of(plan_for(subscription(FIRST), SUB)) == [
        "find or create customer cus_ada",
        "record subscription sub_1 of prod_app: active until 2027-01-01",
        "record order in_1 of prod_app: paid",
        "issue license si_1/1 under pol_sub until 2027-01-01",
    ]


def test_paying_for_another_year_extends_the_license_the_buyer_already_has() -> None:
    """A renewal moves the end date and keeps the license, so installed copies keep working."""
    plan = plan_for(subscription(FIRST, SECOND), SUB, held=after_the_first_payment())

    assert steps_of(plan) == [
        "record subscription sub_1 of prod_app: active until 2028-01-01",
        "record order in_2 of prod_app: paid",
        "renew lic_1 (si_1) until 2028-01-01",
    ]


def test_a_sale_at_rest_needs_nothing() -> None:
    """The second pass over the same facts plans no step: an echo or repeat changes nothing."""
    assert plan_for(subscription(FIRST), SUB, held=after_the_first_payment()).settled


def test_pain_06_an_end_never_moves_back() -> None:
    """Somebody gave the buyer more in LicenseKit: a payment never takes it away."""
    longer = replace(
        after_the_first_payment(), licenses=(held_license("si_1", expires_at=on(2030)),)
    )

    assert plan_for(subscription(FIRST), SUB, held=longer).settled


def test_a_license_without_an_end_is_not_given_one() -> None:
    """What never ends can't be prolonged."""
    endless = replace(after_the_first_payment(), licenses=(held_license("si_1", expires_at=None),))

    assert plan_for(subscription(FIRST), SUB, held=endless).settled


def test_pain_19_each_item_keeps_its_own_end() -> None:
    """A yearly and a monthly item of one subscription end each at its own paid period."""
    both = payment("in_1", item("si_year"), item("si_month", period=(on(2026), on(2026, 2))))

    plan = plan_for(subscription(both), SUB)

    assert steps_of(plan)[-2:] == [
        "issue license si_year/1 under pol_sub until 2027-01-01",
        "issue license si_month/1 under pol_sub until 2026-02-01",
    ]


def test_a_monthly_invoice_renews_the_monthly_item_only() -> None:
    """An invoice moves the ends of its own lines and of no others."""
    both = payment("in_1", item("si_year"), item("si_month", period=(on(2026), on(2026, 2))))
    month = payment("in_2", item("si_month", period=(on(2026, 2), on(2026, 3))))
    licenses = (
        held_license("si_year", id="lic_year"),
        held_license("si_month", id="lic_month", expires_at=on(2026, 2)),
    )

    plan = plan_for(subscription(both, month), SUB, held=Held(CUSTOMER, licenses=licenses))

    assert [s for s in steps_of(plan) if s.startswith("renew")] == [
        "renew lic_month (si_month) until 2026-03-01"
    ]


def test_pain_10_a_proration_line_moves_no_time() -> None:
    """More seats in the middle of a year: its line reaches further, the license does not."""
    proration = item("si_1", period=(on(2026, 6), on(2029)), proration=True, quantity=3)

    plan = plan_for(subscription(FIRST, payment("in_2", proration)), SUB)

    assert steps_of(plan)[-1] == "issue license si_1/1 under pol_sub until 2027-01-01"


def test_pain_10_an_order_tells_the_time_it_bought_not_the_days_billed_along_with_it() -> None:
    """Of an invoice over nothing but days in mid-period, those are the order's."""
    days, credit = (
        item("si_1", period=(on(2026, 6), on(2027)), proration=True, amount_minor_units=amount)
        for amount in (900, -400)
    )
    upgrade = payment("in_2", days, credit)
    renewal = payment("in_3", credit, item("si_1", period=(on(2027), on(2028))))

    plan = plan_for(subscription(FIRST, upgrade, renewal), SUB)

    assert {
        step.external_id: step.period for step in plan.steps if isinstance(step, RecordOrder)
    } == {
        "in_1": (on(2026), on(2027)),
        "in_2": (on(2026, 6), on(2027)),
        "in_3": (on(2027), on(2028)),
    }


ADDED = {"period": (on(2026, 6), on(2027)), "proration": True}  # in mid-year, paid at once


def test_an_item_added_in_mid_year_and_paid_by_proration_brings_its_license_now() -> None:
    """Its buyer has paid for the rest of the year, so access need not wait for the renewal."""
    bought = subscription(FIRST, payment("in_2", item("si_2", **ADDED)))

    assert steps_of(plan_for(bought, SUB, held=after_the_first_payment())) == [
        "record subscription sub_1 of prod_app: active until 2027-01-01",
        "record order in_2 of prod_app: paid",
        "issue license si_2/1 under pol_sub until 2027-01-01",
    ]


def test_an_added_item_is_renewed_by_its_first_full_period() -> None:
    """From then on proration moves no time of it either; the renewal names the full order."""
    renewal = payment("in_3", *(item(i, period=(on(2027), on(2028))) for i in ("si_1", "si_2")))
    late = payment("in_2", item("si_2", period=(on(2026, 6), on(2028)), proration=True))
    held = Held(CUSTOMER, licenses=(held_license("si_2", id="lic_2"),))

    plan = plan_for(subscription(FIRST, late, renewal), SUB, held=held)

    (renewed,) = [step for step in plan.steps if isinstance(step, RenewLicense)]
    assert str(renewed) == "renew lic_2 (si_2) until 2028-01-01"
    assert renewed.order == Ref("order", "in_3/prod_app")


@pytest.mark.parametrize("change", [{"amount_minor_units": -500}, {"quantity": 0}])
def test_a_credit_pays_for_no_time(change: dict[str, int]) -> None:
    """Unused time that is given back, or a line over none, is no purchase."""
    assert paid_span([item("si_2", **ADDED, **change)]) == (None, None)


def test_a_first_period_that_an_anchor_cuts_short_is_paid_by_proration() -> None:
    """A subscription that renews on the first of the month begins with a part of one."""
    assert paid_span([item("si_1", **ADDED)]) == (on(2026, 6), on(2027))


def test_pain_11_a_trial_gives_access_to_its_end_and_its_first_payment_moves_it_on() -> None:
    """A paid invoice over nothing is a paid period too; the same license goes on."""
    trial = payment("in_1", item("si_1", period=(on(2026), on(2026, 2)), amount_minor_units=0))
    bought = subscription(trial, status="trialing")

    assert steps_of(plan_for(bought, SUB))[-1] == (
        "issue license si_1/1 under pol_sub until 2026-02-01"
    )

    paid = subscription(trial, payment("in_2", item("si_1", period=(on(2026, 2), on(2027, 2)))))
    held = Held(CUSTOMER, licenses=(held_license("si_1", expires_at=on(2026, 2)),))

    assert steps_of(plan_for(paid, SUB, held=held))[-1] == "renew lic_1 (si_1) until 2027-02-01"


def test_grace_days_are_added_to_the_paid_period() -> None:
    """A seller may leave access open for a while after the period, as the mapping says."""
    graceful = mapping("price_sub", "pol_sub", grace_days=7)

    plan = plan_for(subscription(FIRST), graceful)

    assert steps_of(plan)[-1] == "issue license si_1/1 under pol_sub until 2027-01-08"


def test_a_perpetual_policy_sold_by_subscription_never_ends_and_is_not_renewed() -> None:
    """The policy's type decides whether a license ends at all."""
    ever = mapping("price_sub", "pol_ever")
    held = Held(CUSTOMER, licenses=(held_license("si_1", "pol_ever", expires_at=None),))

    steps = steps_of(plan_for(subscription(FIRST, SECOND), ever, held=held))

    assert [s for s in steps if "license" in s or s.startswith("renew")] == []


def test_an_item_whose_new_price_is_not_invoiced_yet_brings_its_license_all_the_same() -> None:
    """Stripe changed the plan at once and bills the difference later: so does the license."""
    bought = subscription(FIRST)
    other = mapping("price_other", "pol_ever", product="prod_other", version=2)
    moved = replace(bought, lines=(replace(bought.lines[0], price_id="price_other"),))  # type: ignore[arg-type]

    steps = steps_of(plan_for(moved, SUB, other))

    issued = [s for s in steps if s.startswith("issue")]
    assert issued == ["issue license si_1/1 under pol_ever for ever"]
