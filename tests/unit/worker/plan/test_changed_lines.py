"""A line that changed after it was sold: more units, fewer, another price, billed by proration."""

from __future__ import annotations

from dataclasses import replace

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
from worker.state import Bought, Held, HeldLicense, Written

EACH = mapping("price_sub", "pol_sub", quantity="license_per_unit")
SEATS = mapping("price_sub", "pol_sub", seat_feature="feat_seats")
FIRST = payment("in_1", item("si_1", quantity=2))


def units(number: int) -> Held:
    """As many licenses of si_1, issued one after the other."""
    written = Written(expires_at=on(2027))
    licenses = (
        held_license("si_1", id=f"lic_{unit}", unit=unit, written=written)
        for unit in range(1, number + 1)
    )
    return Held(CUSTOMER, licenses=tuple(licenses))


def counting(quantity: int, *, proration: bool = True) -> Bought:
    """The quantity was changed in mid-year, and the difference billed at once."""
    period = (on(2026, 6), on(2027))
    change = item("si_1", quantity=quantity, period=period, proration=proration)
    return subscription(FIRST, payment("in_2", change))


def license_steps(bought: Bought, *mappings: object, held: Held) -> list[str]:
    steps = steps_of(plan_for(bought, *mappings, held=held))  # type: ignore[arg-type]
    return [step for step in steps if not step.startswith("record")]


def with_seats(number: int) -> HeldLicense:
    written = Written(expires_at=on(2027), features={"feat_seats": number})
    return held_license("si_1", written=written)


def test_pain_10_an_invoice_over_proration_issues_no_second_license_and_renews_none() -> None:
    """It is an order of its own, and nothing else: the time was paid before."""
    plan = plan_for(counting(2), EACH, held=units(2))

    assert steps_of(plan) == [
        "record subscription sub_1 of prod_app: active until 2027-01-01",
        "record order in_1 of prod_app: paid",
        "record order in_2 of prod_app: paid",
    ]


def test_pain_10_an_upgrade_billed_by_proration_changes_the_features_and_not_the_end() -> None:
    """The buyer pays the difference for the time that is left."""
    better = mapping("price_pro", "pol_sub", version=2, features=("feat_pro",))
    change = item("si_1", "price_pro", period=(on(2026, 6), on(2027)), proration=True)
    bought = subscription(payment("in_1", item("si_1")), payment("in_2", change))
    held = Held(CUSTOMER, licenses=(held_license("si_1"),))

    assert license_steps(bought, mapping("price_sub", "pol_sub"), better, held=held) == [
        "assign feature feat_pro to license si_1/1"
    ]


def test_pain_20_more_units_bring_as_many_licenses_more() -> None:
    """Those that are there keep their keys."""
    assert license_steps(counting(4), EACH, held=units(2)) == [
        "issue license si_1/3 under pol_sub until 2027-01-01",
        "issue license si_1/4 under pol_sub until 2027-01-01",
    ]


def test_pain_20_fewer_units_take_the_newest_licenses() -> None:
    """Which ones go is no matter of chance."""
    assert license_steps(counting(1), EACH, held=units(3)) == [
        "revoke lic_3 (si_1/3): quantity",
        "revoke lic_2 (si_1/2): quantity",
    ]


def test_pain_20_another_number_of_seats_moves_the_limit_of_the_same_license() -> None:
    """No new key: the copies in use see the new limit."""
    held = Held(CUSTOMER, licenses=(with_seats(2),))

    assert license_steps(counting(5), SEATS, held=held) == [
        "assign feature feat_seats up to 5 to license si_1/1"
    ]
    assert license_steps(counting(5), SEATS, held=replace(held, licenses=(with_seats(5),))) == []
