"""What is decided about the licenses of a sale, in few words."""

from __future__ import annotations

from tests.worlds.sales import CUSTOMER, mapping, plan_for, steps_of
from worker.plan.plan import Plan
from worker.state import Bought, Held, HeldLicense

VERBS = ("issue", "renew", "shorten", "suspend", "reinstate", "revoke", "assign", "remove")


def decide(bought: Bought, *licenses: HeldLicense, **terms: object) -> Plan:
    return plan_for(
        bought,
        mapping("price_sub", "pol_sub", **terms),  # type: ignore[arg-type]
        held=Held(customer=CUSTOMER, licenses=licenses),
    )


def done(plan: Plan) -> list[str]:
    """Steps about licenses, without our ids in Stripe."""
    return [step for step in steps_of(plan) if step.startswith(VERBS)]


def stands(plan: Plan) -> list[str]:
    return [note for note in plan.notes if "that decision stands" in note]
