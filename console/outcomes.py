"""A pass here and now, and how it ended: for `fulfill reconcile` and for the admin route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from console.fulfillments.values import sale_json
from shared.keys import SaleKey
from worker.closing import ClosedPass
from worker.deps import Deps
from worker.errors import LeaseBusy, LeaseLost
from worker.reconcile import reconcile_now


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one sale ended. `busy` means that a worker is at it, which will do."""

    key: SaleKey
    status: str
    pass_id: int | None
    steps: tuple[str, ...]
    error: str | None

    @staticmethod
    def of(key: SaleKey, closed: ClosedPass) -> Outcome:
        steps = tuple(map(str, closed.plan.steps)) if closed.plan else ()
        error = closed.error or " ".join(problem.message for problem in closed.problems) or None
        return Outcome(key, closed.status, closed.pass_id, steps, error)

    def as_json(self) -> dict[str, Any]:
        return {
            "sale": sale_json(self.key),
            "status": self.status,
            "pass": self.pass_id,
            "steps": list(self.steps),
            "error": self.error,
        }


def bring_to_rest(key: SaleKey, deps: Deps, forced_by: str) -> Outcome:
    """A pass over this sale. `forced_by` names who let it pass the guard; "" = nobody."""
    try:
        closed = reconcile_now(key, deps, forced_by=forced_by)
    except (LeaseBusy, LeaseLost) as busy:
        return Outcome(key, "busy", None, (), f"{busy}")
    return Outcome.of(key, closed)
