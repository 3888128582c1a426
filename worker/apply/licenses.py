"""Licenses: issue, renew, hold, take away, and what they carry. A key goes from LicenseKit's answer
into escrow, sealed, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import assert_never

from sqlalchemy.engine import Connection

from shared.links import Created, Link, link_up, note_change, note_feature, take_over
from shared.moments import rfc3339, stamp
from worker.apply.effects import Effect, needed
from worker.deps import Deps
from worker.errors import Conflict, NotFound, PermanentError, TemporaryError
from worker.plan.ids import MARK, Known
from worker.plan.steps import (
    AssignFeature,
    IssueLicense,
    LicenseStep,
    NoteLifted,
    ReinstateLicense,
    RemoveFeature,
    RenewLicense,
    ReuseLicense,
    RevokeLicense,
    RevokeOrphan,
    SuspendLicense,
)


def carry_out(step: LicenseStep, link: Link | None, known: Known, deps: Deps) -> Effect:  # noqa: PLR0911
    """Each step's own verb. `link` is there for a step that makes one."""
    match step:
        case IssueLicense():
            return issue_license(step, needed(link), known, deps)
        case ReuseLicense():
            return reuse_license(step, needed(link), deps)
        case RenewLicense():
            return renew_license(step, known, deps)
        case SuspendLicense():
            return suspend_license(step, known, deps)
        case ReinstateLicense():
            return reinstate_license(step, known, deps)
        case NoteLifted():
            return _noted(known[step.license], {"hold": "", "lifted": step.cause})
        case RevokeLicense():
            return revoke_license(step, deps)
        case RevokeOrphan():
            return revoke_orphan(step, deps)
        case AssignFeature():
            return assign_feature(step, known, deps)
        case RemoveFeature():
            return remove_feature(step, known, deps)
        case _:
            assert_never(step)


def issue_license(step: IssueLicense, link: Link, known: Known, deps: Deps) -> Effect:
    """Create it with its link's mark, so that a crash before the commit leaves a trace."""
    body: dict[str, object] = {
        "product_id": step.product_id,
        "policy_id": step.policy_id,
        "customer_id": known[step.customer],
        "customer_name": step.buyer.name,
        "metadata": {**step.metadata, MARK: link.mark},
    }
    if step.order is not None:
        body["order_id"] = known[step.order]  # LicenseKit infers the subscription from it
    elif step.subscription is not None:
        body["subscription_id"] = known[step.subscription]
    if step.buyer.email:
        body["customer_email"] = step.buyer.email
    if step.expires_at is not None:
        body["expires_at"] = rfc3339(step.expires_at)
    license_id, key = deps.licensekit.create_license(body)
    written = {"expires_at": stamp(step.expires_at), "policy_id": step.policy_id}
    if step.replaces is not None:
        written["replaces"] = step.replaces
    created = Created(license_id, written, deps.vault.seal(key))
    return Effect(
        result={"license_id": license_id},
        known={step.ref: license_id},
        write=lambda tx: link_up(tx, link, created, now=deps.clock.now()),
        take_back=lambda: _revoke_quietly(license_id, deps),
    )


def reuse_license(step: ReuseLicense, link: Link, deps: Deps) -> Effect:
    """Only our own note changes: whose license it is. Its key stays the buyer's."""

    def write(tx: Connection) -> None:
        if not take_over(tx, link, step.license_id, now=deps.clock.now()):
            raise TemporaryError(
                f"{step.license_id} was taken over by another sale of the buyer meanwhile. "
                "The sale is looked at again by itself."
            )

    return Effect({"license_id": step.license_id}, {step.ref: step.license_id}, write=write)


def renew_license(step: RenewLicense, known: Known, deps: Deps) -> Effect:
    """Keyed by the facts: the same renewal is one, whenever and however often it is made.

    The number of the move is one of them, for an end may come back to where it once was.
    """
    body = {"expires_at": rfc3339(step.expires_at)}
    key = f"renew:{step.license_id}:{stamp(step.expires_at)}:{step.move}"
    if step.order is not None and step.order in known:
        body["order_id"] = known[step.order]
        key = f"{key}:{body['order_id']}"
    with _changed_meanwhile(step.license_id):
        deps.licensekit.renew_license(step.license_id, body, idempotency_key=key)
    return _noted(step.license_id, {**ends_of(step), "end_moves": step.move})


def ends_of(step: RenewLicense) -> dict[str, object]:
    """The end as our link keeps it."""
    return {"expires_at": stamp(step.expires_at)}


def suspend_license(step: SuspendLicense, known: Known, deps: Deps) -> Effect:
    license_id = known[step.license]
    with _changed_meanwhile(license_id):
        deps.licensekit.suspend_license(license_id)
    return _noted(license_id, {"hold": step.cause})


def reinstate_license(step: ReinstateLicense, known: Known, deps: Deps) -> Effect:
    license_id = known[step.license]
    with _changed_meanwhile(license_id):
        deps.licensekit.reinstate_license(license_id)
    return _noted(license_id, {"hold": ""})


def revoke_license(step: RevokeLicense, deps: Deps) -> Effect:
    """One that LicenseKit no longer knows is taken away already."""
    with suppress(NotFound):
        deps.licensekit.revoke_license(step.license_id)
    return _noted(step.license_id, {"revoked": step.cause})


def assign_feature(step: AssignFeature, known: Known, deps: Deps) -> Effect:
    license_id = known[step.license]
    body: dict[str, object] = {"feature_id": step.feature_id, "enabled": True}
    if step.limit is not None:
        body["max_consumptions"] = step.limit
    deps.licensekit.assign_feature(license_id, body)
    return Effect(
        {"license_id": license_id, "feature_id": step.feature_id},
        write=lambda tx: note_feature(tx, license_id, step.feature_id, step.limit, given=True),
    )


def remove_feature(step: RemoveFeature, known: Known, deps: Deps) -> Effect:
    """One that a person took off already is off."""
    license_id = known[step.license]
    with suppress(NotFound):
        deps.licensekit.remove_feature(license_id, step.feature_id)
    return Effect(
        {"license_id": license_id, "feature_id": step.feature_id},
        write=lambda tx: note_feature(tx, license_id, step.feature_id, None, given=False),
    )


def _noted(license_id: str, changes: dict[str, object]) -> Effect:
    return Effect({"license_id": license_id}, write=lambda tx: note_change(tx, license_id, changes))


@contextmanager
def _changed_meanwhile(license_id: str) -> Iterator[None]:
    """A person revoked the license since it was read: the next look sees that, and leaves it."""
    try:
        yield
    except Conflict as conflict:
        raise TemporaryError(
            f"{license_id} changed in LicenseKit while we were at it ({conflict.subject}). "
            "The sale is looked at again by itself.",
            request_id=conflict.request_id,
        ) from conflict


def revoke_orphan(step: RevokeOrphan, deps: Deps) -> Effect:
    """Nobody has its key, so nobody loses anything."""
    with suppress(NotFound):
        deps.licensekit.revoke_license(step.license_id)
    return Effect(result={"revoked_license_id": step.license_id})


def _revoke_quietly(license_id: str, deps: Deps) -> None:
    """For a license that we may not keep: another pass issues the buyer's one."""
    with suppress(PermanentError, TemporaryError):
        deps.licensekit.revoke_license(license_id)
