"""What a license carries, and how many there are of it."""

from __future__ import annotations

from dataclasses import replace

from tests.worlds.decisions import decide, done, stands
from tests.worlds.sales import held_license, item, on, payment, subscription
from worker.state import Written

PAID = subscription(payment("in_1", item("si_1")))  # the year 2026
OURS = Written(expires_at=on(2027))


def test_features_follow_the_mapping_and_a_persons_stay() -> None:
    """Only what we gave is taken away; a limit that changed is set again."""
    given = Written(expires_at=on(2027), features={"feat_old": None, "feat_seats": 1})
    license_ = held_license("si_1", written=given)

    plan = decide(PAID, license_, features=("feat_new",), seat_feature="feat_seats")
    more = decide(
        subscription(payment("in_1", item("si_1", quantity=3))), license_, seat_feature="feat_seats"
    )

    assert done(plan) == [
        "assign feature feat_new to license si_1/1",
        "remove feature feat_old from license si_1/1",
    ]
    assert done(more) == [
        "assign feature feat_seats up to 3 to license si_1/1",
        "remove feature feat_old from license si_1/1",
    ]


def test_entitlements_bring_only_the_features_that_the_mapping_names() -> None:
    """What Stripe entitles to beyond that is no business of the license."""
    entitled = replace(PAID, entitlements=frozenset({"api", "other"}))

    plan = decide(entitled, held_license("si_1", written=OURS), entitlements={"api": "feat_api"})
    without = decide(PAID, held_license("si_1", written=OURS), entitlements={"api": "feat_api"})

    assert done(plan) == ["assign feature feat_api to license si_1/1"]
    assert done(without) == []


def test_fewer_units_take_the_newest_and_leave_what_a_person_decided() -> None:
    """Three were bought, one is left: the second and the third go, the extended one stays."""
    units = [held_license("si_1", id=f"lic_{unit}", unit=unit, written=OURS) for unit in (1, 2, 3)]
    units[1] = replace(units[1], expires_at=on(2040))

    plan = decide(PAID, *units, quantity="license_per_unit")

    assert done(plan) == ["revoke lic_3 (si_1/3): quantity"]
    assert stands(plan) == [
        "lic_2 was set until 2040-01-01 in LicenseKit; that decision stands: billing would "
        "revoke it: fewer units are bought now"
    ]


def test_a_license_that_a_person_holds_is_not_replaced_by_another_policy() -> None:
    """Else a plan change would be a way around a suspension."""
    held = held_license("si_1", "pol_pro", status="suspended", written=OURS)

    plan = decide(PAID, held)

    assert done(plan) == []
    assert stands(plan) == [
        "lic_1 is suspended in LicenseKit; that decision stands: billing would put a license "
        "under pol_sub in its place"
    ]
