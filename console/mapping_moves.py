"""Let sales go on under another version of their mapping: which they are, what a pass would do
with each, and the move itself. How it looks on a terminal stands in `mapping_migrate`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from console.audit import Deed, note
from console.context import CommandError
from console.fulfillments.values import sale_json
from console.outcomes import Outcome
from mappings.store import read_catalog
from mappings.values import Catalog, Mapping
from shared.database import reading, transaction
from shared.links import SoldUnder, move_terms, read_sold_under
from worker.closing import Seen
from worker.deps import Deps
from worker.errors import LeaseBusy, LeaseLost
from worker.lease import claim, hold
from worker.plan.explain import as_json
from worker.reconcile import preview, reconcile

KEPT = "kept"  # the status of a sale that can't go on under the new terms


@dataclass(frozen=True, slots=True)
class Versions:
    """From which version of a mapping to which."""

    old: Mapping
    new: Mapping


@dataclass(frozen=True, slots=True)
class Move:
    """One sale, and what a pass would do with it under the new terms."""

    sold: SoldUnder
    seen: Seen

    @property
    def hindrance(self) -> str:
        """Why the new terms can't be carried out for this sale; "" where they can."""
        lines = {x.id for x in self.seen.bought.lines if x.price_id in self.sold.price_ids}
        problems = self.seen.plan.problems
        return " ".join(p.message for p in problems if not p.line_id or p.line_id in lines)

    def as_json(self) -> dict[str, Any]:
        prices = list(self.sold.price_ids)
        return {"sale": sale_json(self.sold.key), "prices": prices, **as_json(self.seen.plan)}


def find_versions(old: int, new: int, deps: Deps) -> Versions:
    """Both versions, checked to be about the same sales. Raises CommandError."""
    with reading(deps.engine) as tx:
        catalog = read_catalog(tx)
    versions = Versions(_version(catalog, old), _version(catalog, new))
    if old == new:
        raise _refused(f"Version {old} is both where the sales are and where they are to go.")
    if not _sells_the_same(versions, deps):
        raise _refused(
            f"Version {old} sells {versions.old.key} and version {new} sells {versions.new.key}, "
            "so the one can't take the other's place."
        )
    return versions


def find_sold(versions: Versions, deps: Deps) -> list[SoldUnder]:
    with reading(deps.engine) as tx:
        return read_sold_under(tx, versions.old.version)


def look_at(sold: SoldUnder, versions: Versions, deps: Deps) -> Move:
    """What a pass would do under the new terms. Changes nothing."""
    terms = dict.fromkeys(sold.price_ids, versions.new.version)
    return Move(sold, preview(sold.key, deps, versions=terms))


def count_changes(moves: Iterable[Move]) -> dict[str, int]:
    """How many steps of each kind would be done: `{"renew-license": 2}`."""
    able = (move for move in moves if not move.hindrance)
    steps = (step for move in able for step in move.seen.plan.steps)
    return dict(sorted(Counter(step.key.partition("/")[0] for step in steps).items()))


def carry_out(
    move: Move, versions: Versions, deps: Deps, *, who: str, forced: bool = False
) -> Outcome:
    """Move the sale's terms, note who did, and bring it to rest under them.

    The lease comes first: a worker that is at the sale would still carry out the old terms. The
    claim also makes the sale due, so a crash in between is healed by the workers.
    """
    key = move.sold.key
    if move.hindrance:
        return Outcome(key, KEPT, None, (), move.hindrance)
    try:
        lease = claim(deps.engine, key, worker=deps.worker, now=deps.clock.now())
        with transaction(deps.engine) as tx:
            hold(tx, lease, now=deps.clock.now())
            old, new = versions.old.version, versions.new.version
            for price_id in move.sold.price_ids:
                move_terms(tx, move.sold.sale_id, price_id, old=old, new=new)
            detail = {"sale": str(key), "from": old, "to": new, "forced": forced}
            note(tx, Deed(who, "mappings.migrate", key.id, detail), now=deps.clock.now())
        closed = reconcile(lease, deps, forced_by=who if forced else "")
    except (LeaseBusy, LeaseLost) as busy:
        return Outcome(key, "busy", None, (), f"{busy}")
    return Outcome.of(key, closed)


def _version(catalog: Catalog, number: int) -> Mapping:
    found = catalog.version(number)
    if found is None:
        raise _refused(f"There is no version {number} of any mapping.")
    return found


def _sells_the_same(versions: Versions, deps: Deps) -> bool:
    """The same price or product, or the product that the old version's price is of."""
    old, new = versions.old, versions.new
    if old.key == new.key:
        return True
    if (old.account, old.livemode) != (new.account, new.livemode):
        return False
    if old.stripe_price_id is None or new.stripe_product_id is None:
        return False
    stripe = deps.of(old.account, old.livemode).stripe
    price = stripe.price(old.account, old.stripe_price_id)
    return bool(price["product"]["id"] == new.stripe_product_id)


def _refused(happened: str) -> CommandError:
    return CommandError(
        happened,
        means="Nothing was changed, and every sale keeps its terms.",
        todo='"fulfill mappings list --all" shows all versions and what they sell.',
        heals="It does not heal by itself.",
    )
