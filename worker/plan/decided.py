"""What a person decided about a sale comes before what billing says. Pure.

A hold suspends every license and lets billing go on beneath it: ends, features, records, and what
billing would revoke. A cancellation revokes every license and issues none; records go on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from worker.plan.access import Access
from worker.plan.desired import Desired
from worker.plan.rules import CANCELED_BY_DECISION, HELD_BY_DECISION
from worker.state import Decision, DecisionKind

SAID: dict[DecisionKind, str] = {"hold": "held", "cancel": "canceled"}


def under(decision: Decision | None, desired: Desired) -> Desired:
    """What should stand while the decision does."""
    if decision is None:
        return desired
    licenses = tuple(
        replace(one, access=_decided(one.access, decision.kind)) for one in desired.licenses
    )
    return replace(desired, licenses=licenses, decided=decision.kind)


def say_decision(decision: Decision) -> str:
    """Who decided what, when and why, in a sentence."""
    return (
        f"{decision.by} {SAID[decision.kind]} this sale on {decision.at.date().isoformat()}: "
        f'{decision.reason}. Billing does not undo that; "fulfill release" does'
    )


def _decided(access: Access, kind: DecisionKind) -> Access:
    """Time alone changes nothing while a person's word stands."""
    match kind:
        case "hold":
            return replace(access, hold=HELD_BY_DECISION, look_again_at=None)
        case "cancel":
            return replace(access, hold="", revoke=CANCELED_BY_DECISION, look_again_at=None)
        case _:
            assert_never(kind)
