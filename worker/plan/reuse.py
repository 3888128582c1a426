"""Resubscribed: the buyer's last license of the same policy goes on, where the mapping says so.

Only a license that a sale of the same buyer left behind, because its subscription is canceled, and
that is no person's case now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from worker.plan.desired import WantedLicense
from worker.plan.ids import ref_at
from worker.plan.placement import Place, ref_of
from worker.plan.rules import HELD_BY_DECISION
from worker.plan.steps import ReuseLicense
from worker.state import Held, HeldLicense


@dataclass(frozen=True, slots=True)
class Reused:
    """The old license in its new place."""

    place: Place
    step: ReuseLicense


def reuse(wanted: WantedLicense, at: Place, held: Held) -> Reused | None:
    """The newest license to take over; None where a new one is to be issued."""
    taken = at.stands is not None or at.lost or at.handed_on or at.unclear or at.issue != 1
    if taken or not wanted.reuse or wanted.access.revoke or _begun(at, held):
        return None
    fitting = [one for one in held.reusable if _fits(one, wanted)]
    if wanted.unit > len(fitting):
        return None
    old = fitting[-wanted.unit]
    mine = replace(old, line_id=wanted.line_id, unit=wanted.unit, issue=1)  # type: ignore[arg-type]
    step = ReuseLicense(
        ref=at.ref,
        license_id=old.id,
        old_ref=ref_of(old),
        why="the buyer subscribed again, and the mapping says: reuse",
    )
    return Reused(Place(at.ref, 1, mine), step)


def _begun(at: Place, held: Held) -> bool:
    """A new license was being issued when a pass died: it is seen through."""
    return any(ref_at(one.line_id, one.unit, one.issue) == at.ref for one in held.orphans)


def _fits(license: HeldLicense, wanted: WantedLicense) -> bool:
    ours = license.written.hold  # and no person's, in LicenseKit or through us
    held = license.status == "suspended" and ours not in ("", HELD_BY_DECISION)
    alive = held or license.status in ("active", "expired", "grace_period")
    same = (license.product_id, license.policy_id) == (wanted.product_id, wanted.policy_id)
    return alive and same
