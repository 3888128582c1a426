"""Is a plan safe to apply? A plan that takes away more than its limits allow is refused and shown.

In this release a plan only ever takes away orphans, which nobody holds; the limit guards that too.
"""

from __future__ import annotations

from dataclasses import dataclass

from worker.plan.plan import Plan
from worker.plan.steps import RevokeOrphan

MAX_ORPHANS = 5  # a crash leaves one for each thread of a worker at most for one sale


@dataclass(frozen=True, slots=True)
class Limits:
    """What one pass may take away."""

    max_orphans: int = MAX_ORPHANS


def find_danger(plan: Plan, limits: Limits) -> str | None:
    """Why the plan must not run, with both numbers; None when it may."""
    orphans = sum(isinstance(step, RevokeOrphan) for step in plan.steps)
    if orphans > limits.max_orphans:
        return (
            f"the plan would revoke {orphans} licenses whose keys were lost, more than the "
            f"{limits.max_orphans} allowed in one pass. Nothing was changed. Look at them with "
            '"fulfill plan", then run "fulfill reconcile --force".'
        )
    return None
