"""Our ids, written into Stripe's metadata: merged, never the key."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from shared.links import read_links, rewrite
from worker.apply.effects import Effect
from worker.deps import Deps
from worker.lease import Lease
from worker.plan.ids import Known, metadata_of
from worker.plan.steps import WriteBack

CLOSED_BY = "payment_intent"  # in an order's link: the payment intent that carries our ids


def write_back(step: WriteBack, lease: Lease, known: Known, deps: Deps) -> Effect:
    """One merge. The key is this pass's own: Stripe would answer an older one from memory."""
    metadata = metadata_of(step.ids, known)
    deps.stripe.write_metadata(
        lease.key.account,
        (step.kind, step.id),
        metadata,
        idempotency_key=f"fulfill/{lease.token}/{step.key}",
    )
    return Effect(result=dict(metadata), write=lambda tx: _close_payment(tx, step, lease))


def _close_payment(tx: Connection, step: WriteBack, lease: Lease) -> None:
    """Note on the payment's orders that its payment intent needs no further reading."""
    if step.payment_id is None:
        return
    for link in read_links(tx, lease.sale_id):
        if link.kind == "order" and link.stripe_key.startswith(f"{step.payment_id}/"):
            rewrite(tx, link, {CLOSED_BY: step.id})
