"""How a pass ends: closed, refused, to be tried again, given up, or its hints handed over.

Each end writes the journal, the sale's open problems and the lease in one transaction.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.engine import Connection

from mappings.store import read_catalog
from shared.database import transaction
from shared.inbox import NO_HURRY, raise_hint
from shared.journal import Closing, PassStatus, ProblemEntry, close_pass, replace_problems
from shared.keys import SaleKey
from shared.logs import get_logger
from shared.mentions import note_mentions
from worker.apply.runner import Run
from worker.deps import Deps
from worker.errors import PermanentError, TemporaryError
from worker.lease import Lease, move, postpone, sales_of_customer, settle
from worker.plan.explain import as_json, bought_as_json
from worker.plan.ids import Known, Ref
from worker.plan.plan import Plan
from worker.plan.steps import Step
from worker.plan.terms import Terms
from worker.retries import retry_at
from worker.state import Bought, Held, Problem, mentioned_in

log = get_logger("pass")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a pass saw and would do: snapshot, the terms it was sold under, and plan."""

    key: SaleKey
    bought: Bought
    held: Held
    plan: Plan
    terms: Terms

    def after(self, steps: tuple[Step, ...]) -> Seen:
        """The same, for the journal: with what was done before this look, in the same pass."""
        return replace(self, plan=replace(self.plan, steps=(*steps, *self.plan.steps)))

    def forced(self, by: str, danger: str) -> Seen:
        """The same, with a note for the journal of who let it pass the guard."""
        note = f"{by} let this pass the guard: {danger}"
        return replace(self, plan=replace(self.plan, notes=(*self.plan.notes, note)))


@dataclass(frozen=True, slots=True)
class ClosedPass:
    """How a pass ended. `moved_to` is the sale that the object in hand belongs to."""

    pass_id: int
    status: PassStatus
    plan: Plan | None = None
    problems: tuple[Problem, ...] = ()
    error: str | None = None
    moved_to: SaleKey | None = None


def close(lease: Lease, seen: Seen, done: Run, deps: Deps) -> ClosedPass:
    """The plan was carried out: applied, settled (nothing to do), or blocked by problems."""
    problems = (*seen.plan.problems, *done.problems)
    status: PassStatus = "blocked" if problems else "applied" if seen.plan.steps else "settled"
    closing = _closing(status, seen, done.known, problems)
    return _end(lease, seen, closing, problems, deps)


def refuse(lease: Lease, seen: Seen, danger: str, deps: Deps) -> ClosedPass:
    """The guard found the plan unsafe: shown and not run, until a person forces it."""
    log.warning("plan.refused", key=str(lease.key), reason=danger)
    problem = Problem("guard", lease.key.id, danger)
    closing = _closing("refused", seen, {}, (*seen.plan.problems, problem), error=danger)
    return _end(lease, seen, closing, (*seen.plan.problems, problem), deps)


def hand_over(lease: Lease, to: SaleKey, deps: Deps) -> ClosedPass:
    """The object in hand belongs to another sale, which is due now with these hints."""
    now = deps.clock.now()
    plan = Plan(notes=(f"{lease.key.id} belongs to {to.id}; its hints were handed over",))
    with transaction(deps.engine) as tx:
        settle(tx, lease, "settled", {}, now=now)
        move(tx, lease, to, now=now)
        replace_problems(
            tx, lease.sale_id, (), now=now
        )  # what is wrong is told of `to` from now on
        close_pass(tx, lease.pass_id, Closing("settled", plan=as_json(plan)), now=now)
    log.info("pass.closed", key=str(lease.key), status="settled", moved_to=str(to))
    return ClosedPass(lease.pass_id, "settled", plan, moved_to=to)


def retry_later(lease: Lease, error: Exception, deps: Deps) -> ClosedPass:
    """The hints stay unseen and the sale is due again after a while, for as long as it takes."""
    now = deps.clock.now()
    wish = error.after_seconds if isinstance(error, TemporaryError) else None
    until = retry_at(lease.attempts, wish, now=now, chance=random.random())  # noqa: S311
    text = f"{_text(error)} Attempt {lease.attempts + 1}; next at {until:%Y-%m-%d %H:%M:%S} UTC."
    with transaction(deps.engine) as tx:
        postpone(tx, lease, until=until, now=now)
        close_pass(tx, lease.pass_id, Closing("failed", error=text), now=now)
    log.warning("pass.closed", key=str(lease.key), status="failed", error=text)
    return ClosedPass(lease.pass_id, "failed", error=text)


def give_up(lease: Lease, error: PermanentError, deps: Deps) -> ClosedPass:
    """A person is needed: the sale is a problem until it is reconciled or a new hint comes."""
    now = deps.clock.now()
    problem = Problem(error.cause, error.subject or lease.key.id, _text(error))
    closing = Closing("failed", problems=_entries([problem]), error=_text(error))
    with transaction(deps.engine) as tx:
        settle(tx, lease, "failed", {}, now=now)
        replace_problems(tx, lease.sale_id, closing.problems, now=now)
        close_pass(tx, lease.pass_id, closing, now=now)
    log.error("pass.closed", key=str(lease.key), status="failed", error=_text(error))
    return ClosedPass(lease.pass_id, "failed", error=_text(error))


def _end(
    lease: Lease, seen: Seen, closing: Closing, problems: Iterable[Problem], deps: Deps
) -> ClosedPass:
    now = deps.clock.now()
    with transaction(deps.engine) as tx:
        _settle(tx, lease, seen, closing.status, deps)
        replace_problems(tx, lease.sale_id, _entries(problems), now=now)
        close_pass(tx, lease.pass_id, closing, now=now)
        if seen.bought.stage == "customer":
            _hint_entitled(tx, lease.key, now)
    log.info("pass.closed", key=str(lease.key), status=closing.status)
    return ClosedPass(lease.pass_id, closing.status, seen.plan, tuple(problems), closing.error)


def _hint_entitled(tx: Connection, customer: SaleKey, now: datetime) -> None:
    """A customer's entitlements may have changed: its sales are looked at, where any mapping
    gives features for them.
    """
    if not any(mapping.terms.entitlements for mapping in read_catalog(tx).mappings):
        return
    for sale in sales_of_customer(tx, customer):
        raise_hint(tx, sale, now=now, urgency=NO_HURRY)


def _settle(tx: Connection, lease: Lease, seen: Seen, status: str, deps: Deps) -> None:
    facts: dict[str, object] = {
        "bought": bought_as_json(seen.bought),
        "wake_at": seen.plan.look_again_at,
    }
    if seen.bought.buyer is not None:
        facts["customer_id"] = seen.bought.buyer.id
    settle(tx, lease, status, facts, now=deps.clock.now())
    note_mentions(tx, lease.sale_id, mentioned_in(seen.bought))


def _closing(
    status: PassStatus,
    seen: Seen,
    known: Known,
    problems: Iterable[Problem],
    *,
    error: str | None = None,
) -> Closing:
    subscriptions = _ids(known, "subscription")
    return Closing(
        status=status,
        problems=_entries(problems),
        plan=as_json(seen.plan),
        snapshot_digest=hashlib.sha256(repr(seen.bought).encode()).hexdigest(),
        error=error,
        customer_id=next(iter(_ids(known, "customer")), None),
        order_ids=_ids(known, "order"),
        subscription_id=next(iter(subscriptions), None),
        license_ids=_ids(known, "license"),
    )


def _ids(known: Known, kind: str) -> list[str]:
    return [licensekit_id for ref, licensekit_id in known.items() if _is(ref, kind)]


def _is(ref: Ref, kind: str) -> bool:
    return ref.kind == kind


def _entries(problems: Iterable[Problem]) -> list[ProblemEntry]:
    return [ProblemEntry(p.cause, p.subject, p.message, p.line_id) for p in problems]


def _text(error: Exception) -> str:
    """What the journal says of an error. One of ours says it all; of a bug we name the kind."""
    if isinstance(error, TemporaryError | PermanentError):
        return f"{error} [request {error.request_id}]" if error.request_id else str(error)
    return (
        f"The pass broke ({type(error).__name__}). Nothing is lost: what was done is written down. "
        "The sale is tried again by itself; the worker's log has the details."
    )
