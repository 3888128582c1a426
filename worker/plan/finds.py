"""What adoption works with: what was found for a sale, and what is made of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.moments import stamp
from worker.found import FoundLicense
from worker.plan.desired import Desired, WantedLicense
from worker.plan.ids import Ref, ref_at
from worker.plan.placement import ref_of
from worker.plan.rules import HELD_BY_DECISION
from worker.plan.terms import Terms
from worker.state import Bought, Held, Line


@dataclass(frozen=True, slots=True)
class Taken:
    """A license to be linked, and what our link says of it."""

    license: FoundLicense
    ref: Ref
    written: dict[str, object]


@dataclass(frozen=True, slots=True)
class Finds:
    """One sale while its finds are sorted."""

    bought: Bought
    desired: Desired
    held: Held
    terms: Terms
    left: dict[str, str]  # LicenseKit id -> why it is not adopted
    unclear: dict[str, str] = field(default_factory=dict)  # line -> why it waits for a person
    taken: list[Taken] = field(default_factory=list)

    def wanted(self, line_id: str, unit: int) -> WantedLicense | None:
        mine = (one for one in self.desired.licenses if (one.line_id, one.unit) == (line_id, unit))
        return next(mine, None)

    def line(self, line_id: str) -> Line:
        return next(line for line in self.bought.lines if line.id == line_id)

    def used(self) -> set[str]:
        """Places that have their license, had one, or whose license is being seen through."""
        orphans = (ref_at(one.line_id, one.unit, one.issue) for one in self.held.orphans)
        refs = (*map(ref_of, self.held.licenses), *orphans)
        keys = {*self.held.gone, *self.held.over, *self.held.handed_on}
        return keys | {ref.stripe_key for ref in refs}

    def open(self) -> Iterator[FoundLicense]:
        """What is neither linked, nor taken, nor told why it is left."""
        done = {one.id for one in self.held.licenses} | {one.license.id for one in self.taken}
        return (x for x in self.held.found.licenses if x.id not in done and x.id not in self.left)


def as_it_stands(found: FoundLicense, line: Line, finds: Finds, hold: str) -> dict[str, object]:
    """A license in the words of our link. Of its features those are ours that the mapping gives.

    A suspension is ours where billing would hold the license now, else it is a person's.
    """
    written: dict[str, object] = {
        "expires_at": stamp(found.expires_at),
        "policy_id": found.policy_id,
    }
    if found.status == "suspended" and hold not in ("", HELD_BY_DECISION):
        written["hold"] = hold
    features = {k: v for k, v in found.features.items() if k in finds.terms.features_of(line)}
    return written | ({"features": features} if features else {})
