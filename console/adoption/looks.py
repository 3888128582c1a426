"""What adoption would do with each sale, what is wrong with the rows, and the adoption itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from console.adoption.choose import Named
from console.adoption.rows import Row
from console.audit import Deed, note
from console.fulfillments.values import sale_json
from console.outcomes import Outcome
from shared.database import transaction
from worker.adopting import adopt_now
from worker.closing import Seen
from worker.deps import Deps
from worker.errors import LeaseBusy, LeaseLost
from worker.plan.clues import Search
from worker.plan.steps import Adopt, Step
from worker.reconcile import preview


@dataclass(frozen=True, slots=True)
class Look:
    """One sale as it is, and what adoption would link."""

    named: Named
    search: Search
    seen: Seen

    @property
    def adoptions(self) -> list[Adopt]:
        return [step for step in self.seen.plan.steps if isinstance(step, Adopt)]

    @property
    def rest(self) -> list[Step]:
        """What the next pass would do after that."""
        return [step for step in self.seen.plan.steps if not isinstance(step, Adopt)]

    def faults(self) -> Iterator[str]:
        """Rows whose license would not be linked, each with the reason."""
        linked = {step.licensekit_id for step in self.adoptions}
        linked |= {license.id for license in self.seen.held.licenses}
        for row in self.named.rows:
            if row.license_id not in linked:
                yield row.fault(
                    f"{row.license_id} can't be linked to {row.stripe_id}: {self._why(row)}"
                )

    def _why(self, row: Row) -> str:
        plan = self.seen.plan
        if row.license_id in plan.left:
            return plan.left[row.license_id]
        problems = (
            p.message for p in plan.problems if row.stripe_id in (p.line_id, self.seen.key.id)
        )
        return next(problems, self.seen.bought.reason)

    def as_json(self) -> dict[str, Any]:
        return {
            "sale": sale_json(self.seen.key),
            "adopt": [
                {"id": step.licensekit_id, "as": step.ref.stripe_key, "how": step.why}
                for step in self.adoptions
            ],
            "left": dict(self.seen.plan.left),
            "problems": [problem.message for problem in self.seen.plan.problems],
            "then": [str(step) for step in self.rest],
        }


def look_at(named: Named, search: Search, deps: Deps) -> Look:
    """Changes nothing."""
    return Look(named, search, preview(named.key, deps, search=search))


def carry_out(look: Look, deps: Deps, *, by: str) -> Outcome:
    """Link what stands for one sale, and write down who had it done."""
    key = look.seen.key
    try:
        closed = adopt_now(key, deps, search=look.search, by=by)
    except (LeaseBusy, LeaseLost) as busy:
        return Outcome(key, "busy", None, (), f"{busy}")
    done = {} if closed.plan is None else _by_place(closed.plan.steps)
    with transaction(deps.engine) as tx:
        note(tx, Deed(by, "adopt", key.id, {"linked": done}), now=deps.clock.now())
    return Outcome.of(key, closed)


def _by_place(steps: Iterable[Step]) -> dict[str, str]:
    return {s.ref.stripe_key: s.licensekit_id for s in steps if isinstance(s, Adopt)}
