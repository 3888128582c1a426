"""Runs a plan's steps in order, with a journal row before and after each.

The row that says "done" and the row that says the next one begins are one transaction, and each
carries the lease. A crash between leaves a step "started": the next pass looks at the world, not at
that row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.engine import Connection

from shared.database import transaction
from shared.journal import StepEntry, fail_step, finish_step, start_step
from shared.links import Intent, Link, intend, intend_change, keep_terms
from shared.logs import get_logger
from shared.metrics import STEPS
from shared.tracing import span
from worker.apply import licenses, records, writeback
from worker.apply.adoption import adopt
from worker.apply.effects import Effect
from worker.deps import Deps
from worker.errors import LeaseLost, PermanentError, TemporaryError
from worker.lease import Lease, hold
from worker.plan.ids import Known, Ref
from worker.plan.plan import Plan
from worker.plan.steps import (
    Adopt,
    EnsureCustomer,
    IssueLicense,
    RecordOrder,
    RecordStep,
    RecordSubscription,
    ReinstateLicense,
    RenewLicense,
    ReuseLicense,
    RevokeLicense,
    Step,
    SuspendLicense,
    WriteBack,
)
from worker.state import Problem

log = get_logger("runner")


@dataclass(slots=True)
class Run:
    """The steps of one pass while they run: what is known, and the effect not yet written."""

    lease: Lease
    deps: Deps
    known: dict[Ref, str]
    done: list[Step] = field(default_factory=list)
    surprised: bool = False  # a record stood that was to be made: the rest of the plan is off
    problems: list[Problem] = field(default_factory=list)
    # a step that ran, its journal row, and what came of it, until the row says so
    pending: tuple[Step, int, Effect] | None = None


def run(plan: Plan, known: Known, lease: Lease, deps: Deps) -> Run:
    """Carry the plan out. Raises the first step's error, except a refused write-back's.

    A write-back that Stripe refuses for good is a problem beside the licenses, never instead. Stops
    where a record that was to be made stood already, for licenses may stand on it.
    """
    this = Run(lease, deps, dict(known))
    for step in plan.steps:
        with _transaction(this) as tx:
            if not this.done:
                keep_terms(tx, lease.sale_id, plan.versions)
            link = _intend(step, tx, this)
            entry = StepEntry(step.key, str(step), step.why)
            step_id = start_step(tx, lease.pass_id, entry, now=deps.clock.now())
        log.info("step.started", key=str(lease.key), step=step.key)
        with span(f"step {kind_of(step)}", step=step.key):
            _act(step, step_id, link, this)
        this.done.append(step)
        this.surprised = this.pending is not None and this.pending[2].surprising
        if this.surprised:
            break
    with _transaction(this):
        pass
    return this


@contextmanager
def _transaction(this: Run) -> Iterator[Connection]:
    """Holds the lease and writes the pending effect first. Takes it back where we may not write."""
    now = this.deps.clock.now()
    try:
        with transaction(this.deps.engine) as tx:
            hold(tx, this.lease, now=now)
            if this.pending is not None:
                _, step_id, effect = this.pending
                effect.write(tx)
                finish_step(tx, step_id, effect.result, now=now)
            yield tx
    except LeaseLost:
        if this.pending is not None:
            this.pending[2].take_back()
        raise
    if this.pending is not None:
        step, _, effect = this.pending
        STEPS.labels(kind_of(step), "done").inc()
        log.info("step.done", key=str(this.lease.key), step=step.key, **effect.result)
    this.pending = None


def _act(step: Step, step_id: int, link: Link | None, this: Run) -> None:
    try:
        effect = _effect(step, link, this)
    except (TemporaryError, PermanentError) as error:
        STEPS.labels(kind_of(step), "failed").inc()
        log.warning("step.failed", key=str(this.lease.key), step=step.key, error=str(error))
        with transaction(this.deps.engine) as tx:
            hold(tx, this.lease, now=this.deps.clock.now())
            fail_step(tx, step_id, _with_request(error), now=this.deps.clock.now())
        if not isinstance(step, WriteBack) or isinstance(error, TemporaryError):
            raise
        this.problems.append(_write_back_refused(step, error))
        return
    this.pending = (step, step_id, effect)
    this.known.update(effect.known)


def kind_of(step: Step) -> str:
    """`renew-license`: what a step is, without whose."""
    return step.key.partition("/")[0]


def _write_back_refused(step: WriteBack, error: PermanentError) -> Problem:
    message = (
        f"Our ids could not be written to {step.id}. The buyer has everything; only the pointer "
        f"in Stripe is missing. {error}"
    )
    return Problem("write_back_refused", step.id, message)


def _with_request(error: TemporaryError | PermanentError) -> str:
    return f"{error} [request {error.request_id}]" if error.request_id else str(error)


def _effect(step: Step, link: Link | None, this: Run) -> Effect:
    if isinstance(step, Adopt):
        return adopt(step, this.lease, this.deps)
    if isinstance(step, RecordStep):
        return records.carry_out(step, link, this.known, this.deps)
    if isinstance(step, WriteBack):
        return writeback.write_back(step, this.lease, this.known, this.deps)
    return licenses.carry_out(step, link, this.known, this.deps)


def _intend(step: Step, tx: Connection, this: Run) -> Link | None:
    """What is written before the call: the link of a step that creates, or the change to come."""
    match step:
        case EnsureCustomer():
            ref, context = Ref("customer", step.buyer.id), {}
        case RecordSubscription() | RecordOrder():
            ref, context = step.ref, dict(step.metadata)
        case IssueLicense():
            ref, context = step.ref, {**step.metadata, **_anchor(step)}
        case ReuseLicense():
            ref, context = step.ref, {"reused": step.old_ref.stripe_key}
        case _:
            _intend_change(step, tx, this)
            return None
    sale_id = None if ref.kind == "customer" else this.lease.sale_id
    intent = Intent(this.lease.key, sale_id, ref.kind, ref.stripe_key, context)
    return intend(tx, intent, now=this.deps.clock.now())


def _anchor(step: IssueLicense) -> dict[str, object]:
    """Under which record a license can be found again whose making was not noted."""
    order, subscription = step.order, step.subscription
    if order is not None:
        return {"order": order.stripe_key}
    return {"subscription": subscription.stripe_key} if subscription is not None else {}


def _intend_change(step: Step, tx: Connection, this: Run) -> None:
    """Whose doing a hold, an end or a revocation is must be known even after a crash."""
    match step:
        case RenewLicense():
            intend_change(tx, step.license_id, licenses.ends_of(step))
        case SuspendLicense():
            intend_change(tx, this.known[step.license], {"hold": step.cause})
        case ReinstateLicense():
            intend_change(tx, this.known[step.license], {"hold": ""})
        case RevokeLicense():
            intend_change(tx, step.license_id, {"revoked": step.cause})
        case _:
            return
