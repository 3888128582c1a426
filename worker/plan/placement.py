"""Which of a unit's licenses is meant: the one that stands, or the next that takes its place.

A unit ("si_1/1") may have several licenses one after the other: a plan change to another policy
needs a new one, and so does a payment after a refund took the last one away. The first carries the
unit's own key, a later one its number too ("si_1/1/2").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from worker.plan.desired import WantedLicense
from worker.plan.ids import Ref, ref_at, slot_of
from worker.state import Held, HeldLicense


@dataclass(frozen=True, slots=True)
class Place:
    """Where a wanted license stands or goes."""

    ref: Ref
    issue: int
    stands: HeldLicense | None = None  # the license of this unit that is alive, or a person's
    lost: bool = False  # LicenseKit no longer knows it
    handed_on: bool = False  # it goes on in another sale of the buyer
    unclear: bool = False  # a person must say which license is the unit's


def place(wanted: WantedLicense, held: Held) -> Place:
    """The place of the unit's license that stands, else of the next one."""
    stands = standing(wanted.line_id, wanted.unit, held)
    if stands is not None:
        return Place(ref_of(stands), stands.issue, stands)
    last = max(_used(wanted, held), default=0)
    lost, handed_on = (last in _issues(wanted, keys) for keys in (held.gone, held.handed_on))
    if lost or handed_on:
        ref = ref_at(wanted.line_id, wanted.unit, last)
        return Place(ref, last, lost=lost, handed_on=handed_on)
    unclear = wanted.line_id in held.unclear
    return Place(ref_at(wanted.line_id, wanted.unit, last + 1), last + 1, unclear=unclear)


def next_place(stands: HeldLicense) -> Place:
    """Of the license that takes this one's place."""
    issue = stands.issue + 1
    return Place(ref_at(stands.line_id, stands.unit, issue), issue)


def standing(line_id: str, unit: int, held: Held) -> HeldLicense | None:
    """The unit's newest license, unless we revoked it."""
    alive = [one for one in held.licenses if _is(one, line_id, unit) and not revoked_by_us(one)]
    return max(alive, key=lambda one: one.issue, default=None)


def replaced(line_id: str, unit: int, held: Held) -> list[HeldLicense]:
    """Older licenses of the unit that still stand, because a pass died before it revoked them."""
    newest = standing(line_id, unit, held)
    return [
        one
        for one in held.licenses
        if _is(one, line_id, unit)
        and newest is not None
        and one.issue < newest.issue
        and one.status != "revoked"
    ]


def revoked_by_us(license: HeldLicense) -> bool:
    """Also when the pass that did it died before it could say so."""
    return license.status == "revoked" and bool(
        license.written.revoked or license.written.intended.get("revoked")
    )


def ref_of(license: HeldLicense) -> Ref:
    return ref_at(license.line_id, license.unit, license.issue)


def _is(license: HeldLicense, line_id: str, unit: int) -> bool:
    return (license.line_id, license.unit) == (line_id, unit)


def _used(wanted: WantedLicense, held: Held) -> list[int]:
    mine = [one.issue for one in held.licenses if _is(one, wanted.line_id, wanted.unit)]
    others = (held.gone, held.over, held.handed_on)
    return [*mine, *(issue for keys in others for issue in _issues(wanted, keys))]


def _issues(wanted: WantedLicense, stripe_keys: Iterable[str]) -> list[int]:
    slots = (slot_of(key) for key in stripe_keys)
    return [issue for line, unit, issue in slots if (line, unit) == (wanted.line_id, wanted.unit)]
