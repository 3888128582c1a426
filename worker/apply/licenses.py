"""Licenses: issue, renew, and revoke one whose key was lost. The key goes from the answer into
escrow, sealed, and nowhere else.
"""

from __future__ import annotations

from contextlib import suppress

from shared.links import Created, Link, link_up, rewrite_license
from shared.moments import rfc3339, stamp
from worker.apply.effects import Effect
from worker.deps import Deps
from worker.errors import NotFound, PermanentError, TemporaryError
from worker.plan.ids import MARK, Known
from worker.plan.steps import IssueLicense, RenewLicense, RevokeOrphan


def issue_license(step: IssueLicense, link: Link, known: Known, deps: Deps) -> Effect:
    """Create it with its link's mark, so that a crash before the commit leaves a trace."""
    body: dict[str, object] = {
        "product_id": step.product_id,
        "policy_id": step.policy_id,
        "customer_id": known[step.customer],
        "order_id": known[step.order],  # LicenseKit infers the subscription from it
        "customer_name": step.buyer.name,
        "metadata": {**step.metadata, MARK: link.mark},
    }
    if step.buyer.email:
        body["customer_email"] = step.buyer.email
    if step.expires_at is not None:
        body["expires_at"] = rfc3339(step.expires_at)
    license_id, key = deps.licensekit.create_license(body)
    created = Created(license_id, {"expires_at": stamp(step.expires_at)}, deps.vault.seal(key))
    return Effect(
        result={"license_id": license_id},
        known={step.ref: license_id},
        write=lambda tx: link_up(tx, link, created, now=deps.clock.now()),
        take_back=lambda: _revoke_quietly(license_id, deps),
    )


def renew_license(step: RenewLicense, known: Known, deps: Deps) -> Effect:
    """Keyed by the facts: the same renewal is one, whenever and however often it is made."""
    body = {"expires_at": rfc3339(step.expires_at)}
    key = f"renew:{step.license_id}:{stamp(step.expires_at)}"
    if step.order is not None and step.order in known:
        body["order_id"] = known[step.order]
        key = f"{key}:{body['order_id']}"
    deps.licensekit.renew_license(step.license_id, body, idempotency_key=key)
    ends = {"expires_at": stamp(step.expires_at)}
    return Effect(
        result={"license_id": step.license_id},
        write=lambda tx: rewrite_license(tx, step.license_id, ends),
    )


def revoke_orphan(step: RevokeOrphan, deps: Deps) -> Effect:
    """Nobody has its key, so nobody loses anything."""
    with suppress(NotFound):
        deps.licensekit.revoke_license(step.license_id)
    return Effect(result={"revoked_license_id": step.license_id})


def _revoke_quietly(license_id: str, deps: Deps) -> None:
    """For a license that we may not keep: another pass issues the buyer's one."""
    with suppress(PermanentError, TemporaryError):
        deps.licensekit.revoke_license(license_id)
