"""Whose hold is on a license: billing's, a decision's, or a person's in LicenseKit. Pure.

Each is lifted by its own and by nobody else. A decision through us comes before billing, and before
what a person did to a single license earlier; a hold that a person put on in LicenseKit stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shared.moments import day, stamp
from worker.plan.ids import Ref
from worker.plan.rules import CANCELED_BY_DECISION, HELD_BY_DECISION, why
from worker.plan.steps import LicenseStep, NoteLifted, ReinstateLicense, SuspendLicense
from worker.state import HeldLicense


@dataclass(frozen=True, slots=True)
class Note:
    """What was left as it is, and why: for the journal."""

    text: str


Steps = Iterator[LicenseStep | Note]


def hold(cause: str, ref: Ref, stands: HeldLicense) -> Steps:
    """Bring the license to this cause of a hold; "" = it should not be held by us."""
    decided = HELD_BY_DECISION in (our_hold(stands), stands.written.hold)
    if cause == HELD_BY_DECISION:
        yield from _by_decision(ref, stands)
    elif cause and decided and stands.status == "suspended":
        yield from _after_release(cause, ref, stands)
    elif cause:
        yield from _by_billing(cause, ref, stands)
    else:
        yield from _lift(ref, stands)


def suspend(ref: Ref, cause: str) -> SuspendLicense:
    return SuspendLicense(ref, cause, why=why(cause))


def _by_decision(ref: Ref, stands: HeldLicense) -> Steps:
    """Also where a person gave the license more time, or had lifted a hold of billing."""
    if held_by_person(stands):
        yield Note(f"{_suspended(stands)}, also once the sale is released")
    elif stands.status != "suspended" or {our_hold(stands), stands.written.hold} != {
        HELD_BY_DECISION
    }:
        yield suspend(ref, HELD_BY_DECISION)


def _after_release(cause: str, ref: Ref, stands: HeldLicense) -> Steps:
    """Billing has a cause of its own: it takes the hold over, or a person has told it not to."""
    if stands.written.lifted or extended(stands):
        yield ReinstateLicense(ref, HELD_BY_DECISION, why=_over(HELD_BY_DECISION))
    else:
        yield suspend(ref, cause)


def _lift(ref: Ref, stands: HeldLicense) -> Steps:
    suspended = stands.status == "suspended"
    if stands.written.hold or (suspended and not held_by_person(stands)):
        held_for = our_hold(stands) or stands.written.hold
        yield ReinstateLicense(ref, held_for, why=_over(held_for))
    elif suspended:
        yield Note(_suspended(stands))
    if stands.written.lifted:
        yield NoteLifted(ref, "", why=_over(stands.written.lifted))


def _by_billing(cause: str, ref: Ref, stands: HeldLicense) -> Steps:
    suspended = stands.status == "suspended"
    if held_by_person(stands):
        yield Note(f"{_suspended(stands)}: billing would do the same, because {why(cause)}")
    elif not suspended and (stands.written.lifted or (stands.written.hold and our_hold(stands))):
        text = f"{stands.id} was reinstated in LicenseKit; that decision stands"
        yield Note(f"{text}: billing would suspend it, because {why(cause)}")
        if stands.written.hold:
            yield NoteLifted(ref, cause, why="LicenseKit says that it is active")
    elif not (suspended and stands.written.hold):
        if extended(stands):
            yield kept_end(stands, f"suspend it: {why(cause)}")
        else:
            yield suspend(ref, cause)


def _over(cause: str) -> str:
    if cause == HELD_BY_DECISION:
        return "the sale was released"
    return f"it is no longer {cause}"


def _suspended(stands: HeldLicense) -> str:
    return f"{stands.id} is suspended in LicenseKit; that decision stands"


def our_hold(stands: HeldLicense) -> str:
    """The cause of our hold, as it was about to be when we last heard; "" = none is ours."""
    return str(stands.written.intended.get("hold", stands.written.hold))


def held_by_person(stands: HeldLicense) -> bool:
    return stands.status == "suspended" and not (stands.written.hold or our_hold(stands))


def extended(stands: HeldLicense) -> bool:
    """Whether a person gave the license more time than billing did."""
    written, actual = stands.written.expires_at, stands.expires_at
    return (
        not end_is_ours(stands) and written is not None and actual is not None and actual > written
    )


def spared(stands: HeldLicense, cause: str) -> bool:
    """Whether it is not revoked for this cause, because a person gave it more time."""
    return cause != CANCELED_BY_DECISION and extended(stands)


def end_is_ours(stands: HeldLicense) -> bool:
    """An older link without a note of the end counts as ours."""
    written = stands.written
    ours = {stamp(written.expires_at), written.intended.get("expires_at")}
    return written.expires_at is None or stamp(stands.expires_at) in ours


def kept_end(stands: HeldLicense, would: str) -> Note:
    stood = f"{stands.id} was set {day(stands.expires_at)} in LicenseKit; that decision stands"
    return Note(f"{stood}: billing would {would}")
