"""From what stands to what should stand, for one license: whose doing it is decides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.moments import stamp
from tests.worlds.decisions import decide, done, stands
from tests.worlds.sales import (
    held_license,
    item,
    on,
    payment,
    subscription,
)
from worker.found import LicenseStatus
from worker.state import Bought, Charge, HeldLicense, Payment, Written

FIRST = payment("in_1", item("si_1"))  # the year 2026
SECOND = payment("in_2", item("si_1", period=(on(2027), on(2028))))
OURS = Written(expires_at=on(2027))
DISPUTED = Written(expires_at=on(2027), hold="disputed")


def back(one: Payment, *disputes: str) -> Payment:
    """All of it went back, or, where a dispute is named, that is about it."""
    refunded = 0 if disputes else 1_000
    charge = Charge(one.id, 1_000, refunded, bool(refunded), disputes)
    return replace(one, charges=(charge,))


PAID = subscription(FIRST)
RENEWED = subscription(FIRST, SECOND)
REFUNDED = subscription(back(FIRST))
SECOND_REFUNDED = subscription(FIRST, back(SECOND))
OPEN = subscription(back(FIRST, "needs_response"))


@pytest.mark.parametrize(
    ("written", "hold_is_ours"),
    [
        (DISPUTED, True),
        (replace(OURS, intended={"hold": "disputed"}), True),
        (OURS, False),
    ],
    ids=["noted", "about to be noted when the pass died", "not noted"],
)
def test_only_our_own_hold_is_lifted(written: Written, hold_is_ours: bool) -> None:
    """Also one that a crash kept us from noting; a person's is left and told."""
    plan = decide(PAID, held_license("si_1", status="suspended", written=written))

    reinstated = ["reinstate license si_1/1: no longer disputed"] if hold_is_ours else []
    assert done(plan) == reinstated
    assert (stands(plan) == []) is hold_is_ours


def test_a_hold_is_put_once() -> None:
    """It stands and is ours: nothing to do, nothing to say."""
    plan = decide(OPEN, held_license("si_1", status="suspended", written=DISPUTED))

    assert (done(plan), stands(plan)) == ([], [])


def test_a_hold_whose_note_was_lost_is_put_and_noted_again() -> None:
    """To suspend what is suspended changes nothing, and then we know whose it is."""
    dying = replace(OURS, intended={"hold": "disputed"})

    plan = decide(OPEN, held_license("si_1", status="suspended", written=dying))

    assert done(plan) == ["suspend license si_1/1: disputed"]


def test_a_person_who_lifted_our_hold_is_not_overruled() -> None:
    """We noted a hold, and there is none."""
    plan = decide(OPEN, held_license("si_1", status="active", written=DISPUTED))

    assert done(plan) == []
    assert stands(plan) == [
        "lic_1 was reinstated in LicenseKit; that decision stands: billing would suspend it, "
        "because a dispute is open about what pays for it"
    ]


@pytest.mark.parametrize(
    ("status", "verb"), [("active", "was reinstated"), ("suspended", "is suspended")]
)
def test_who_lifted_our_hold_decides_from_then_on(status: LicenseStatus, verb: str) -> None:
    """What they suspend later is theirs, also while the cause of our hold lasts."""
    lifted = replace(OURS, lifted="disputed")

    plan = decide(OPEN, held_license("si_1", status=status, written=lifted))

    assert done(plan) == []
    (told,) = stands(plan)
    assert told.startswith(f"lic_1 {verb} in LicenseKit")


def test_a_hold_that_a_person_put_in_place_of_ours_outlives_its_cause() -> None:
    """Billing lifts what is its own, and its memory of it ends with the cause."""
    lifted = replace(OURS, lifted="disputed")

    plan = decide(PAID, held_license("si_1", status="suspended", written=lifted))

    assert [str(step) for step in plan.steps if "lifted" in str(step)] == [
        "forget that a person lifted a hold of license si_1/1"
    ]
    assert done(plan) == []
    assert stands(plan) == ["lic_1 is suspended in LicenseKit; that decision stands"]


def test_a_reinstatement_that_died_before_it_was_noted_is_no_persons() -> None:
    """A new hold is put, for we lifted the old one ourselves."""
    ours = replace(DISPUTED, intended={"hold": ""})

    plan = decide(OPEN, held_license("si_1", status="active", written=ours))

    assert done(plan) == ["suspend license si_1/1: disputed"]


MINE = held_license("si_1", expires_at=on(2028), written=Written(expires_at=on(2028)))
EXTENDED = held_license("si_1", expires_at=on(2040), written=OURS)
CUT = held_license("si_1", expires_at=on(2026, 6), written=OURS)
WOULD = "lic_1 was set until 2040-01-01 in LicenseKit; that decision stands: billing would "


@pytest.mark.parametrize(
    ("bought", "license_", "steps", "notes"),
    [
        (SECOND_REFUNDED, MINE, ["shorten lic_1 (si_1) until 2027-01-01"], []),
        (PAID, MINE, [], []),
        (RENEWED, EXTENDED, [], [WOULD + "let it run until 2028-01-01"]),
        (SECOND_REFUNDED, EXTENDED, [], [WOULD + "let it run until 2027-01-01"]),
        (REFUNDED, EXTENDED, [], [WOULD + "revoke it: what paid for it was refunded"]),
        (
            OPEN,
            EXTENDED,
            [],
            [
                WOULD + "let it run until 2027-01-01",
                WOULD + "suspend it: a dispute is open about what pays for it",
            ],
        ),
        (RENEWED, CUT, ["renew lic_1 (si_1) until 2028-01-01"], []),
    ],
    ids=[
        "a refund moves our end back",
        "nothing else does",
        "a renewal does not shorten what a person extended",
        "nor does a refunded renewal",
        "nor does a full refund revoke it",
        "nor does a dispute hold it",
        "a new payment is worth its time also after a person cut the old one",
    ],
)
def test_an_end_that_a_person_moved_stands(
    bought: Bought, license_: HeldLicense, steps: list[str], notes: list[str]
) -> None:
    """Ends of ours move as far as is paid, and back only for what was taken back."""
    plan = decide(bought, license_)

    assert (done(plan), stands(plan)) == (steps, notes)


def test_an_end_that_a_person_cut_short_is_not_moved_back_by_the_same_payment() -> None:
    """What was paid when the person decided does not undo the decision."""
    plan = decide(PAID, CUT)

    assert done(plan) == []
    assert stands(plan) == [
        "lic_1 was set until 2026-06-01 in LicenseKit; that decision stands: billing would "
        "let it run until 2027-01-01"
    ]


def test_an_end_that_we_were_about_to_set_when_a_pass_died_is_ours() -> None:
    """LicenseKit has it already; a refund moves it back all the same."""
    moving = replace(OURS, intended={"expires_at": stamp(on(2028))})
    license_ = held_license("si_1", expires_at=on(2028), written=moving)

    assert done(decide(SECOND_REFUNDED, license_)) == ["shorten lic_1 (si_1) until 2027-01-01"]


@pytest.mark.parametrize(
    ("choice", "steps"),
    [
        ("revoke", ["revoke lic_1 (si_1/1): refunded"]),
        ("suspend", ["suspend license si_1/1: refunded"]),
        ("keep", []),
    ],
)
def test_pain_23_a_full_refund_takes_the_step_that_the_mapping_names(
    choice: str, steps: list[str]
) -> None:
    """For what is held."""
    assert done(decide(REFUNDED, held_license("si_1", written=OURS), on_refund=choice)) == steps


@pytest.mark.parametrize(
    ("choice", "steps"),
    [
        ("revoke", []),
        ("suspend", ["issue license si_1/1 under pol_sub until 2027-01-01",
                     "suspend license si_1/1: refunded"]),
        ("keep", ["issue license si_1/1 under pol_sub until 2027-01-01"]),
    ],
)  # fmt: skip
def test_pain_23_a_sale_that_was_refunded_before_we_heard_of_it_ends_as_any_other(
    choice: str, steps: list[str]
) -> None:
    """For what is not held yet: what would be revoked is not even issued."""
    assert done(decide(REFUNDED, on_refund=choice)) == steps


@pytest.mark.parametrize("intended", [False, True], ids=["noted", "about to be noted"])
def test_pain_23_paid_again_after_our_revocation_brings_the_next_license(*, intended: bool) -> None:
    """A revocation is for good, so the unit gets another license with a number of its own."""
    written = (
        replace(OURS, intended={"revoked": "refunded"})
        if intended
        else replace(OURS, revoked="refunded")
    )

    plan = decide(RENEWED, held_license("si_1", status="revoked", written=written))

    noted = ["revoke lic_1 (si_1/1): refunded"] if intended else []  # its note had been lost
    assert done(plan) == [*noted, "issue license si_1/1/2 under pol_sub until 2028-01-01"]


def test_what_a_person_revoked_is_not_issued_again() -> None:
    """However often it is paid."""
    plan = decide(RENEWED, held_license("si_1", status="revoked", written=OURS))

    assert done(plan) == []
    assert stands(plan) == ["lic_1 was revoked in LicenseKit; that decision stands"]
