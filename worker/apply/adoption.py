"""Adoption writes a link and nothing else: what stands in LicenseKit is not touched.

Its license key was never shown to us, or was lost with our database: there is none to keep.
"""

from __future__ import annotations

from sqlalchemy.engine import Connection

from shared.links import Created, Intent, intend, is_taken, link_up
from worker.apply.effects import Effect
from worker.deps import Deps
from worker.errors import TemporaryError
from worker.lease import Lease
from worker.plan.steps import Adopt


def adopt(step: Adopt, lease: Lease, deps: Deps) -> Effect:
    """One transaction: nothing is made outside, so no intent has to be written before."""
    sale_id = None if step.ref.kind == "customer" else lease.sale_id
    intent = Intent(lease.key, sale_id, step.ref.kind, step.ref.stripe_key, {})

    def write(tx: Connection) -> None:
        now = deps.clock.now()
        link = intend(tx, intent, now=now)
        if link.licensekit_id is not None:  # of a customer, whom another sale adopted meanwhile
            return
        if step.ref.kind == "license" and "moved_to" not in step.written:
            _refuse_if_taken(tx, step)
        link_up(tx, link, Created(step.licensekit_id, step.written), now=now)

    return Effect(
        {f"{step.ref.kind}_id": step.licensekit_id},
        {step.ref: step.licensekit_id},
        write=write,
    )


def _refuse_if_taken(tx: Connection, step: Adopt) -> None:
    if is_taken(tx, "license", step.licensekit_id):
        raise TemporaryError(
            f"{step.licensekit_id} was linked to another sale meanwhile. "
            "The sale is looked at again by itself."
        )
