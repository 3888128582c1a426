"""Our ids, written into Stripe's metadata: merged, never the key."""

from __future__ import annotations

from worker.apply.effects import Effect
from worker.deps import Deps
from worker.lease import Lease
from worker.plan.ids import Known, metadata_of
from worker.plan.steps import WriteBack


def write_back(step: WriteBack, lease: Lease, known: Known, deps: Deps) -> Effect:
    """One merge. The key is this pass's own: Stripe would answer an older one from memory."""
    metadata = metadata_of(step.ids, known)
    deps.stripe.write_metadata(
        lease.key.account,
        (step.kind, step.id),
        metadata,
        idempotency_key=f"fulfill/{lease.token}/{step.key}",
    )
    return Effect(result=dict(metadata))
