"""Whose hold is on a license: each is lifted by its own, and by nobody else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worlds.sales import held_license, on
from worker.found import LicenseStatus
from worker.plan.holds import (
    Note,
    end_is_ours,
    extended,
    held_by_person,
    hold,
    kept_end,
    our_hold,
    spared,
)
from worker.plan.ids import Ref
from worker.plan.rules import CANCELED_BY_DECISION, HELD_BY_DECISION
from worker.state import HeldLicense, Written

REF = Ref("license", "si_1/1")
OURS = Written(expires_at=on(2027))
SUSPENDED = "lic_1 is suspended in LicenseKit; that decision stands"
REINSTATED = "lic_1 was reinstated in LicenseKit; that decision stands"
WOULD_SUSPEND = f"{REINSTATED}: billing would suspend it, because"
BY_DECISION = {"hold": HELD_BY_DECISION}
EXTENDED = on(2040)


def stands(status: LicenseStatus = "active", **written: Any) -> HeldLicense:
    """lic_1, until the end of 2026 as we wrote it, unless `end` says what a person made of it."""
    end = written.pop("end", on(2027))
    return held_license("si_1", status=status, expires_at=end, written=replace(OURS, **written))


def told(cause: str, license_: HeldLicense) -> list[str]:
    """Steps and notes as people read them."""
    return [one.text if isinstance(one, Note) else str(one) for one in hold(cause, REF, license_)]


@pytest.mark.parametrize(
    ("license_", "expected"),
    [
        (stands(), []),
        (stands("expired"), []),
        (stands("suspended"), [SUSPENDED]),
        (
            stands("suspended", hold="unpaid"),
            ["reinstate license si_1/1: no longer unpaid"],
        ),
        (stands(hold="unpaid"), ["reinstate license si_1/1: no longer unpaid"]),
        (
            stands("suspended", intended={"hold": "disputed"}),
            ["reinstate license si_1/1: no longer disputed"],
        ),
        (
            stands(lifted="unpaid"),
            ["forget that a person lifted a hold of license si_1/1"],
        ),
        (
            stands("suspended", lifted="unpaid"),
            [SUSPENDED, "forget that a person lifted a hold of license si_1/1"],
        ),
        (
            stands("suspended", **BY_DECISION),
            ["reinstate license si_1/1: no longer held_by_decision"],
        ),
    ],
    ids=[
        "nothing holds it",
        "it ran out",
        "a person suspended it",
        "billing suspended it",
        "billing suspended it and a person lifted that",
        "a pass died just after it suspended it",
        "a person had lifted a hold",
        "a person lifted one of ours, then put on their own",
        "a decision held it",
    ],
)
def test_what_is_lifted_where_nothing_holds_a_license_now(
    license_: HeldLicense, expected: list[str]
) -> None:
    """Ours goes, theirs stays, and what they once lifted is forgotten with its cause."""
    assert told("", license_) == expected


@pytest.mark.parametrize(
    ("license_", "expected"),
    [
        (stands(), ["suspend license si_1/1: unpaid"]),
        (stands("suspended", hold="unpaid"), []),
        (stands("suspended", hold="disputed"), []),
        (
            stands("suspended"),
            [
                f"{SUSPENDED}: billing would do the same, because the payment failed and "
                "Stripe tries no more"
            ],
        ),
        (
            stands(lifted="unpaid"),
            [f"{WOULD_SUSPEND} the payment failed and Stripe tries no more"],
        ),
        (
            stands(hold="unpaid"),
            [
                f"{WOULD_SUSPEND} the payment failed and Stripe tries no more",
                "note that a person lifted the hold of si_1/1: unpaid",
            ],
        ),
        (stands(hold="unpaid", intended={"hold": ""}), ["suspend license si_1/1: unpaid"]),
        (stands("suspended", intended={"hold": "unpaid"}), ["suspend license si_1/1: unpaid"]),
        (
            stands(end=EXTENDED),
            [
                "lic_1 was set until 2040-01-01 in LicenseKit; that decision stands: billing would "
                "suspend it: the payment failed and Stripe tries no more"
            ],
        ),
        (
            stands("suspended", **BY_DECISION),
            ["suspend license si_1/1: unpaid"],
        ),
        (
            stands("suspended", **BY_DECISION, lifted="unpaid"),
            ["reinstate license si_1/1: no longer held_by_decision"],
        ),
        (
            stands("suspended", **BY_DECISION, end=EXTENDED),
            ["reinstate license si_1/1: no longer held_by_decision"],
        ),
    ],
    ids=[
        "nothing holds it yet",
        "it is held for this",
        "it is held for something else of ours",
        "a person suspended it before",
        "a person lifted this hold",
        "a person lifts it just now",
        "a pass died after it reinstated it",
        "a pass died after it suspended it",
        "a person gave it more time",
        "released, and billing takes over",
        "released, and a person had lifted it",
        "released, and a person gave it more time",
    ],
)
def test_what_is_done_where_billing_has_a_cause(license_: HeldLicense, expected: list[str]) -> None:
    """It suspends what is its own to suspend, once, and overrules no person."""
    assert told("unpaid", license_) == expected


@pytest.mark.parametrize(
    ("license_", "expected"),
    [
        (stands(), ["suspend license si_1/1: held_by_decision"]),
        (stands("suspended", **BY_DECISION), []),
        (stands(**BY_DECISION), ["suspend license si_1/1: held_by_decision"]),
        (stands("suspended", hold="unpaid"), ["suspend license si_1/1: held_by_decision"]),
        (stands("suspended"), [f"{SUSPENDED}, also once the sale is released"]),
        (stands(lifted="unpaid"), ["suspend license si_1/1: held_by_decision"]),
        (stands(end=EXTENDED), ["suspend license si_1/1: held_by_decision"]),
        (
            stands("suspended", intended=BY_DECISION),
            ["suspend license si_1/1: held_by_decision"],
        ),
    ],
    ids=[
        "nothing holds it",
        "it is held already",
        "a person lifted it in LicenseKit",
        "billing holds it",
        "a person holds it in LicenseKit",
        "a person had lifted a hold of billing",
        "a person gave it more time",
        "a pass died before it noted so",
    ],
)
def test_what_is_done_where_a_person_decided_to_hold_the_sale(
    license_: HeldLicense, expected: list[str]
) -> None:
    """It comes before billing and before earlier words about one license."""
    assert told(HELD_BY_DECISION, license_) == expected


@pytest.mark.parametrize(
    ("written", "end", "ours", "more"),
    [
        ({}, on(2027), True, False),
        ({}, EXTENDED, False, True),
        ({}, on(2026, 6), False, False),
        ({}, None, False, False),
        ({"expires_at": None}, EXTENDED, True, False),
        ({"intended": {"expires_at": "2040-01-01T00:00:00Z"}}, EXTENDED, True, False),
        ({"intended": {"expires_at": "2041-01-01T00:00:00Z"}}, EXTENDED, False, True),
    ],
    ids=[
        "as we wrote it",
        "later",
        "earlier",
        "for ever",
        "an older link that notes no end",
        "a pass died on the way to it",
        "a pass died on the way to another",
    ],
)
def test_an_end_that_we_did_not_write_is_a_persons(
    written: dict[str, Any], end: Any, ours: bool, more: bool
) -> None:
    """More time than billing gave is a gift, and nothing that billing takes back."""
    license_ = stands(end=end, **written)

    assert (end_is_ours(license_), extended(license_)) == (ours, more)


def test_time_that_a_person_gave_spares_a_license_but_from_a_decision() -> None:
    """Who cancels the sale knows better."""
    given = stands(end=EXTENDED)

    assert [spared(given, cause) for cause in ("refunded", CANCELED_BY_DECISION)] == [True, False]
    assert not spared(stands(), "refunded")


def test_what_is_kept_says_until_when_and_what_billing_would_do() -> None:
    """Also an end that a person took away altogether."""
    assert kept_end(stands(end=None), "revoke it").text == (
        "lic_1 was set for ever in LicenseKit; that decision stands: billing would revoke it"
    )


causes = st.sampled_from(["", "unpaid", "disputed", HELD_BY_DECISION])


@given(
    st.sampled_from(["active", "suspended", "expired"]),
    causes,
    causes,
    st.none() | causes,
    st.sampled_from(["", "unpaid", HELD_BY_DECISION]),
)
@settings(max_examples=50)
def test_a_hold_of_a_person_is_never_lifted_nor_taken_over(
    status: LicenseStatus, written: str, lifted: str, intended: str | None, cause: str
) -> None:
    """Whatever was noted before: none of our steps touches the suspension."""
    note = {} if intended is None else {"hold": intended}
    license_ = stands(status, hold=written, lifted=lifted, intended=note)
    theirs = status == "suspended" and not written and not intended
    steps = [one for one in hold(cause, REF, license_) if not isinstance(one, Note)]

    assert held_by_person(license_) is theirs
    assert our_hold(license_) == (written if intended is None else intended)
    if theirs:
        assert {type(step).__name__ for step in steps} <= {"NoteLifted"}
