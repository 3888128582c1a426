"""Adoption alone: what stands in LicenseKit is linked to a sale, and nothing else is done to it.

All else is left to the pass that follows: the sale stays due.
"""

from __future__ import annotations

from dataclasses import replace

from shared.database import transaction
from shared.inbox import NO_HURRY, raise_hint
from shared.keys import SaleKey
from worker.apply.runner import run
from worker.closing import ClosedPass, close, give_up, hand_over, retry_later
from worker.deps import Deps
from worker.errors import PermanentError, TemporaryError
from worker.lease import Lease, claim
from worker.plan.clues import Search
from worker.plan.diff import known_ids
from worker.plan.plan import Plan
from worker.plan.steps import Adopt
from worker.reconcile import look
from worker.watching import watch


def adopt_now(key: SaleKey, deps: Deps, *, search: Search, by: str) -> ClosedPass:
    """A pass in this program that links what stands. `by` names the person, for the journal.

    Raises LeaseBusy while a worker is at the sale, and LeaseLost.
    """
    lease = claim(deps.engine, key, worker=deps.worker, now=deps.clock.now())
    with watch(lease, deps.engine) as watched:
        closed = _adopt(lease, deps, search, by)
        watched.status = closed.status
    if closed.moved_to is not None:
        return adopt_now(closed.moved_to, deps, search=search, by=by)
    return closed


def only_adoptions(plan: Plan, by: str) -> Plan:
    """The plan without the steps that a pass is to do."""
    steps = tuple(step for step in plan.steps if isinstance(step, Adopt))
    note = f"{by} had it linked; all else is left to the next pass"
    return replace(plan, steps=steps, notes=(*plan.notes, note))


def _adopt(lease: Lease, deps: Deps, search: Search, by: str) -> ClosedPass:
    with transaction(deps.engine) as tx:  # before all else: the sale stays due whatever happens
        raise_hint(tx, lease.key, now=deps.clock.now(), urgency=NO_HURRY)
    try:
        deps = deps.of(lease.key.account, lease.key.livemode)
        seen = look(lease.key, deps, sale_id=lease.sale_id, search=search)
        if isinstance(seen, SaleKey):
            return hand_over(lease, seen, deps)
        seen = replace(seen, plan=only_adoptions(seen.plan, by))
        done = run(seen.plan, known_ids(seen.bought.buyer, seen.held), lease, deps)
        return close(lease, seen, done, deps)
    except TemporaryError as error:
        return retry_later(lease, error, deps)
    except PermanentError as error:
        return give_up(lease, error, deps)
