"""One pass over one sale, stage by stage. READ THIS FIRST.

The same pass serves the webhook, the retry, the sweep, `fulfill reconcile` and, without its last
two stages, `fulfill plan`. It decides nothing from the event that woke it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mappings.store import read_catalog
from shared.database import reading
from shared.keys import SaleKey
from shared.links import Link, find_link, left_licenses, read_links, read_taken, read_terms
from shared.logs import get_logger
from shared.tracing import span
from worker.apply.runner import run
from worker.closing import ClosedPass, Seen, close, give_up, hand_over, refuse, retry_later
from worker.decisions import read_open
from worker.deps import Deps
from worker.errors import LeaseBusy, PermanentError, TemporaryError
from worker.lease import Lease, claim, find_sale
from worker.plan.clues import Search, choose_clues
from worker.plan.diff import known_ids
from worker.plan.guard import find_danger, takes_away
from worker.plan.ids import Known, slot_of
from worker.plan.plan import Plan, make_plan
from worker.plan.steps import Step
from worker.plan.terms import Terms, choose_terms
from worker.snapshot.entitlements import read_entitlements
from worker.snapshot.found import read_found
from worker.snapshot.held import read_held
from worker.snapshot.reusable import read_reusable
from worker.snapshot.stripe import read_bought
from worker.state import Bought, Decision, Held
from worker.watching import watch

log = get_logger("pass")

BY_POINTERS = Search()
THOROUGH = Search(thorough=True)
FORCED = "it takes away what a buyer has"  # safe alone, and perhaps one of too many


def reconcile(lease: Lease, deps: Deps, *, forced_by: str = "") -> ClosedPass:
    """Bring one sale to rest. Safe to call at any time, any number of times; raises LeaseLost.

    `forced_by` names the person who let the plan pass the guard; the journal keeps it.
    """
    try:
        deps = deps.of(lease.key.account, lease.key.livemode)
        seen = look(lease.key, deps, sale_id=lease.sale_id)  # snapshot, plan
        if isinstance(seen, SaleKey):
            return hand_over(lease, seen, deps)
        return _act_on(seen, lease, deps, forced_by=forced_by)
    except TemporaryError as error:
        return retry_later(lease, error, deps)
    except PermanentError as error:
        return give_up(lease, error, deps)


def _act_on(
    seen: Seen, lease: Lease, deps: Deps, *, forced_by: str, before: tuple[Step, ...] = ()
) -> ClosedPass:
    """`before` are steps of this pass that were done under an earlier look."""
    danger = find_danger(seen.plan, deps.limits)  # guard
    if danger is not None and not forced_by:
        return refuse(lease, seen.after(before), danger, deps)
    if forced_by and (danger is not None or takes_away(seen.plan)):
        seen = seen.forced(forced_by, danger or FORCED)
    with span("apply", steps=len(seen.plan.steps)):
        done = run(seen.plan, _known(seen), lease, deps)  # apply
    if done.surprised:  # something stood that was to be made: what else does?
        again = look(lease.key, deps, sale_id=lease.sale_id, search=THOROUGH)
        assert isinstance(again, Seen)
        steps = (*before, *done.done)
        return _act_on(again, lease, deps, forced_by=forced_by, before=steps)
    return close(lease, seen.after(before), done, deps)  # journal


def look(
    key: SaleKey,
    deps: Deps,
    *,
    sale_id: int | None,
    versions: Mapping[str, int] | None = None,
    search: Search = BY_POINTERS,
) -> Seen | SaleKey:
    """Snapshot and plan, without a write; or the sale that the object in hand belongs to.

    `sale_id` is None for a sale that we have no row of. `versions` are mapping versions to look
    with instead of those kept with the sale. Raises TemporaryError, PermanentError.
    """
    bought = read_bought(key, deps.stripe)
    if isinstance(bought, SaleKey):
        return bought
    with reading(deps.engine) as tx:
        links = [] if sale_id is None else read_links(tx, sale_id)
        frozen = {} if sale_id is None else read_terms(tx, sale_id)
        decision = None if sale_id is None else read_open(tx, sale_id)
        terms = choose_terms(bought, read_catalog(tx), {**frozen, **(versions or {})})
        buyer = bought.buyer
        customer = find_link(tx, key, "customer", buyer.id) if buyer else None
        reuses = buyer is not None and terms.reuses(bought, _licensed(links))
        left = left_licenses(tx, key, buyer.id) if buyer is not None and reuses else []
    bought = replace(bought, decision=decision)
    bought = read_entitlements(bought, deps.stripe) if terms.wants_entitlements else bought
    held = read_held(customer, links, terms.policy_ids, deps.licensekit)
    held = replace(held, reusable=read_reusable(key, left, deps.stripe, deps.licensekit))
    log.debug("snapshot.taken", key=str(key), bought=bought.reason)
    seen = Seen(key, bought, held, _plan(bought, held, terms, deps), terms)
    return _look_for_what_stands(seen, links, search, deps)


def _look_for_what_stands(seen: Seen, links: Sequence[Link], search: Search, deps: Deps) -> Seen:
    """What is about to be made may be there already, where something points at it."""
    linked = {link.licensekit_id for link in links if link.licensekit_id is not None}
    clues = choose_clues(seen.plan, seen.bought, seen.held, linked, search)
    if clues is None:
        return seen
    ours = linked | {link.mark for link in links}
    features = seen.terms.gives_features
    found = read_found(clues, deps.licensekit, ours=ours, with_features=features)
    with reading(deps.engine) as tx:
        taken = read_taken(tx, {one.id for one in found.licenses})
    found = replace(
        found, licenses=tuple(replace(x, linked_to=taken.get(x.id, "")) for x in found.licenses)
    )
    held = replace(seen.held, found=found)
    return replace(seen, held=held, plan=_plan(seen.bought, held, seen.terms, deps))


def preview(
    key: SaleKey,
    deps: Deps,
    *,
    versions: Mapping[str, int] | None = None,
    search: Search = THOROUGH,
) -> Seen:
    """What a pass would do now, following an object to its sale. Changes nothing.

    `versions` are mapping versions (price -> version) instead of those kept with the sale. It looks
    through LicenseKit's lists too: a pass does so where it comes upon a record that stands.
    """
    deps = deps.of(key.account, key.livemode)
    seen = look(key, deps, sale_id=_sale_id(key, deps), versions=versions, search=search)
    if isinstance(seen, SaleKey):
        return preview(seen, deps, versions=versions, search=search)
    return seen


def suppose(seen: Seen, decision: Decision | None, deps: Deps) -> Seen:
    """What a pass would do if a person had decided so, or had released the sale (None)."""
    bought = replace(seen.bought, decision=decision)
    return replace(seen, bought=bought, plan=_plan(bought, seen.held, seen.terms, deps))


def reconcile_now(key: SaleKey, deps: Deps, *, forced_by: str = "") -> ClosedPass:
    """A pass in this program, without a queue, over the sale that `key` leads to.

    Raises LeaseBusy while a worker is at it.
    """
    try:
        lease = claim(deps.engine, key, worker=deps.worker, now=deps.clock.now())
    except LeaseBusy:
        log.info("lease.busy", key=str(key))
        raise
    with watch(lease, deps.engine) as watched:
        closed = reconcile(lease, deps, forced_by=forced_by)
        watched.status = closed.status
    if closed.moved_to is not None:
        return reconcile_now(closed.moved_to, deps, forced_by=forced_by)
    return closed


@span("plan")
def _plan(bought: Bought, held: Held, terms: Terms, deps: Deps) -> Plan:
    plan = make_plan(bought, held, terms, now=deps.clock.now())
    log.info(
        "plan.blocked" if plan.problems else "plan.settled" if plan.settled else "plan.made",
        key=str(bought.key),
        steps=len(plan.steps),
        problems=len(plan.problems),
    )
    return plan


def _licensed(links: Iterable[Link]) -> set[str]:
    """The lines that have a license, or had one."""
    found = (link for link in links if link.kind == "license" and link.licensekit_id)
    return {slot_of(link.stripe_key)[0] for link in found}


def _known(seen: Seen) -> Known:
    return known_ids(seen.bought.buyer, seen.held)


def _sale_id(key: SaleKey, deps: Deps) -> int | None:
    with reading(deps.engine) as tx:
        return find_sale(tx, key)
