"""A plan: the steps that bring a sale to rest, what hinders it, and why. A value; nothing runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from worker.plan.adoption import adopt
from worker.plan.category import category_notes
from worker.plan.decided import say_decision, under
from worker.plan.desired import Desired, make_desired
from worker.plan.diff import (
    customer_steps,
    held_problems,
    known_ids,
    make_steps,
    placed,
    unasked_steps,
)
from worker.plan.holds import Note
from worker.plan.licenses import unnoted_revocations
from worker.plan.rules import why
from worker.plan.steps import Step
from worker.plan.terms import Terms
from worker.plan.writeback import write_backs
from worker.state import Bought, Held, Problem


@dataclass(frozen=True, slots=True)
class Plan:
    """`notes` say in words what was seen and left alone; `versions` are the terms to keep."""

    steps: tuple[Step, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    versions: Mapping[str, int] = field(default_factory=dict)  # price -> mapping version
    look_again_at: datetime | None = None  # when time alone changes the plan
    # what stands in LicenseKit and was pointed at, but is not adopted: LicenseKit id -> why
    left: Mapping[str, str] = field(default_factory=dict)

    @property
    def settled(self) -> bool:
        """Nothing to do and nothing in the way: the sale is at rest."""
        return not self.steps and not self.problems


def make_plan(bought: Bought, held: Held, terms: Terms, *, now: datetime) -> Plan:
    """Compare what was bought with what is held. Pure and total: the same facts, the same plan.

    No end is computed from `now`: it only tells which of Stripe's own dates have passed.
    """
    if bought.stage == "customer" and bought.buyer is not None:
        steps = tuple(customer_steps(bought.buyer, held, needed=False))
        return Plan(steps=steps, notes=(bought.reason,))
    if bought.stage != "paid" or bought.buyer is None:
        return _unsold(bought, held)
    desired = under(bought.decision, make_desired(bought, terms, held.license_types, now=now))
    adoption = adopt(bought, desired, held, terms)
    held = adoption.held  # as it will stand: what is adopted is not made again
    found = list(make_steps(bought.buyer, desired, held))
    backs = write_backs(bought, desired, held, known_ids(bought.buyer, held))
    return Plan(
        steps=(*adoption.steps, *(one for one in found if not isinstance(one, Note)), *backs),
        problems=_problems(desired, held, adoption.problems),
        notes=(
            *_said(bought),
            *terms.notes,
            *category_notes(bought, terms, held.license_types),
            *_causes(desired),
            *adoption.notes,
            *(one.text for one in found if isinstance(one, Note)),
            *_ended(desired, held, now),
        ),
        versions=_carried_out(bought, terms, desired),
        look_again_at=desired.look_again_at,
        left=adoption.left,
    )


def _unsold(bought: Bought, held: Held) -> Plan:
    """Nothing is sold here, or Stripe doesn't know it: only what a person decided is done."""
    if bought.decision is None:
        steps: tuple[Step, ...] = ()
    else:
        decided = under(bought.decision, Desired())
        found = [*unnoted_revocations(held), *unasked_steps(decided, held)]
        steps = tuple(one for one in found if not isinstance(one, Note))
    if bought.stage == "missing":
        return Plan(steps, problems=(_missing(bought),))
    return Plan(steps, notes=_said(bought))


def _problems(desired: Desired, held: Held, unclear: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Where a person canceled the sale, nothing waits to be issued."""
    if desired.decided == "cancel":
        return ()
    return (*desired.problems, *held_problems(desired, held), *unclear)


def _said(bought: Bought) -> tuple[str, ...]:
    """What Stripe says, and what a person decided."""
    if bought.decision is None:
        return (bought.reason,)
    return bought.reason, say_decision(bought.decision)


def _carried_out(bought: Bought, terms: Terms, desired: Desired) -> dict[str, int]:
    """The versions to keep. One that could not be carried out is left open, so that mending its
    mapping helps this buyer too.
    """
    stuck = {problem.line_id for problem in desired.problems}
    prices = {line.price_id for line in bought.lines if line.id in stuck}
    return {price: version for price, version in terms.versions.items() if price not in prices}


def _causes(desired: Desired) -> list[str]:
    """Why a line gives no access now, once for each."""
    found = {
        wanted.line_id: f"{wanted.line_id} gives no access now: {why(cause)}"
        for wanted in desired.licenses
        if (cause := wanted.access.revoke or wanted.access.hold)
    }
    return list(found.values())


def _ended(desired: Desired, held: Held, now: datetime) -> Iterator[str]:
    for _, at in placed(desired, held):
        stands = at.stands
        if stands is None or stands.expires_at is None or stands.status in ("revoked", "suspended"):
            continue
        if stands.expires_at <= now:
            yield f"{stands.id} ended on {stands.expires_at.date().isoformat()}"


def _missing(bought: Bought) -> Problem:
    return Problem(
        cause="missing_in_stripe",
        subject=bought.key.id,
        message=(
            f"{bought.key.id} can't be read in {bought.key.mode} mode ({bought.reason}), so "
            "nothing was changed and the buyer keeps what stands. Check that STRIPE_SECRET_KEY "
            f'belongs to the account that sent the event, then "fulfill reconcile {bought.key.id}".'
        ),
    )
