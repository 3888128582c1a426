"""Is a plan safe to apply? A plan that takes away more than its limits allow is refused and shown.

A license that another one replaces is no loss, and a lost key's orphan nobody holds: both are
limited apart or not at all. What a person decided to cancel is not limited either: it is one sale,
and they were shown what goes. Over many sales together, a sweep is measured by its share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worker.plan.plan import Plan
from worker.plan.rules import CANCELED_BY_DECISION
from worker.plan.steps import RenewLicense, RevokeLicense, RevokeOrphan, Step

MAX_ORPHANS = 5  # a crash leaves one for each thread of a worker at most for one sale
MAX_REVOKES = 25
MAX_SHARE_PERCENT = 20
FEW_SALES = 5  # of so few sales a share says nothing: each plan's own limit holds
PER_CENT = 100
ASKED_FOR = ("replaced", CANCELED_BY_DECISION)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one pass, and one sweep over many sales, may take away."""

    max_revokes: int = MAX_REVOKES  # licenses in one pass
    max_share_percent: int = MAX_SHARE_PERCENT  # of the sales that a sweep touches
    max_orphans: int = MAX_ORPHANS


def find_danger(plan: Plan, limits: Limits) -> str | None:
    """Why the plan must not run, with both numbers; None when it may."""
    revokes = sum(_takes_for_good(step) for step in plan.steps)
    if revokes > limits.max_revokes:
        return (
            f"the plan would revoke {revokes} licenses, more than the {limits.max_revokes} that "
            "FULFILL_GUARD_MAX_REVOKES allows in one pass. Nothing was changed and the buyer keeps "
            'what stands. Look at it with "fulfill plan", then run "fulfill reconcile --force".'
        )
    orphans = sum(isinstance(step, RevokeOrphan) for step in plan.steps)
    if orphans > limits.max_orphans:
        return (
            f"the plan would revoke {orphans} licenses whose keys were lost, more than the "
            f"{limits.max_orphans} allowed in one pass. Nothing was changed. Look at them with "
            '"fulfill plan", then run "fulfill reconcile --force".'
        )
    return None


def find_sweep_danger(plans: Sequence[Plan], limits: Limits) -> str | None:
    """Why a sweep over these plans must not run, with both numbers; None when it may."""
    return find_share_danger(sum(takes_away(plan) for plan in plans), len(plans), limits)


def find_share_danger(taking: int, sales: int, limits: Limits) -> str | None:
    """The same by numbers alone: so many sales, of which so many would lose something."""
    if taking < 2 or sales < FEW_SALES:
        return None
    if taking * PER_CENT <= sales * limits.max_share_percent:
        return None
    return (
        f"{taking} of {sales} sales would have licenses revoked or shortened, "
        f"{taking * PER_CENT // sales} %, more than the {limits.max_share_percent} % that "
        "FULFILL_GUARD_MAX_SHARE allows. Nothing was changed and the buyers keep what stands. "
        "Look at the plans; --force runs them all the same."
    )


def takes_away(plan: Plan) -> bool:
    """Whether any license would be revoked or its end moved back."""
    return any(_takes_for_good(step) or _shortens(step) for step in plan.steps)


def _takes_for_good(step: Step) -> bool:
    return isinstance(step, RevokeLicense) and step.cause not in ASKED_FOR


def _shortens(step: Step) -> bool:
    return isinstance(step, RenewLicense) and step.shortens
