"""A plan: the steps that bring a sale to rest, what hinders it, and why. A value; nothing runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from worker.plan.desired import Desired, make_desired
from worker.plan.diff import find_held, held_problems, known_ids, make_steps
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

    @property
    def settled(self) -> bool:
        """Nothing to do and nothing in the way: the sale is at rest."""
        return not self.steps and not self.problems


def make_plan(bought: Bought, held: Held, terms: Terms, *, now: datetime) -> Plan:
    """Compare what was bought with what is held. Pure and total: the same facts, the same plan.

    `now` only words the notes; no end and no step is computed from it.
    """
    if bought.stage == "missing":
        return Plan(problems=(_missing(bought),))
    if bought.stage != "paid" or bought.buyer is None:
        return Plan(notes=(bought.reason,))
    desired = make_desired(bought, terms, held.license_types)
    steps = tuple(make_steps(bought.buyer, desired, held))
    backs = tuple(write_backs(bought, _there(desired, held), known_ids(bought.buyer, held)))
    return Plan(
        steps=steps + backs,
        problems=desired.problems + tuple(held_problems(desired, held)),
        notes=(bought.reason, *_notes(desired, held, now)),
        versions=_carried_out(bought, terms, desired),
    )


def _there(desired: Desired, held: Held) -> Desired:
    """Without licenses that are gone: their ids can't be written, so they would differ for ever."""
    licenses = [one for one in desired.licenses if one.ref.stripe_key not in held.gone]
    return replace(desired, licenses=tuple(licenses))


def _carried_out(bought: Bought, terms: Terms, desired: Desired) -> dict[str, int]:
    """The versions to keep. One that could not be carried out is left open, so that mending its
    mapping helps this buyer too.
    """
    stuck = {problem.line_id for problem in desired.problems}
    prices = {line.price_id for line in bought.lines if line.id in stuck}
    return {price: version for price, version in terms.versions.items() if price not in prices}


def _notes(desired: Desired, held: Held, now: datetime) -> list[str]:
    notes = []
    for wanted in desired.licenses:
        stands = find_held(wanted, held)
        if stands is None:
            continue
        if stands.status in ("revoked", "suspended"):
            notes.append(f"{stands.id} is {stands.status} in LicenseKit; that decision stands")
        elif stands.expires_at is not None and stands.expires_at <= now:
            notes.append(f"{stands.id} ended on {stands.expires_at.date().isoformat()}")
    return notes


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
