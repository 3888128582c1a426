"""The steps of one unit's license: from what stands to what should stand. Pure, and a fixed point.

What a person did in LicenseKit stands: a hold that is not ours, a hold of ours that was lifted, an
end that was moved, a revocation. Billing then says what it would have done, and leaves it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from shared.moments import day
from worker.plan.desired import WantedLicense
from worker.plan.holds import (
    Note,
    Steps,
    end_is_ours,
    extended,
    held_by_person,
    hold,
    kept_end,
    spared,
    suspend,
)
from worker.plan.ids import Ref, ref_at
from worker.plan.placement import Place, next_place, ref_of, replaced, revoked_by_us
from worker.plan.rules import HELD_BY_DECISION, why
from worker.plan.steps import (
    AssignFeature,
    IssueLicense,
    RemoveFeature,
    RenewLicense,
    RevokeLicense,
    RevokeOrphan,
)
from worker.state import Buyer, Held, HeldLicense, Orphan


def decide(wanted: WantedLicense, at: Place, buyer: Buyer, held: Held) -> Steps:
    """One unit of one line."""
    stands = at.stands
    if at.handed_on:
        yield Note(f"the license of {at.ref.stripe_key} goes on in another sale of the buyer")
        return
    if at.lost or at.unclear:
        return
    if stands is None:
        yield from _new(wanted, at, buyer, held)
        return
    for older in replaced(stands.line_id, stands.unit, held):
        yield revoke(older, "replaced")
    if stands.status == "revoked":
        if not wanted.access.revoke:
            yield Note(f"{stands.id} was revoked in LicenseKit; that decision stands")
    elif wanted.access.revoke:
        yield from take_away(stands, wanted.access.revoke)
        if wanted.access.hold == HELD_BY_DECISION and spared(stands, wanted.access.revoke):
            yield from hold(HELD_BY_DECISION, at.ref, stands)
    elif _is_of_another_policy(stands, wanted):
        yield from _replace(wanted, stands, buyer, held)
    else:
        yield from _end(wanted, stands)
        yield from hold(wanted.access.hold, at.ref, stands)
        yield from _features(wanted, at.ref, stands.written.features)


def kept_ref(wanted: WantedLicense, at: Place) -> Ref | None:
    """The license of the unit once the steps are done; None where none is left."""
    stands = at.stands
    if at.lost or at.handed_on or at.unclear:
        return None
    if stands is None:
        return None if wanted.access.revoke else at.ref
    if stands.status == "revoked":
        return at.ref
    if wanted.access.revoke:
        return at.ref if spared(stands, wanted.access.revoke) else None
    if _is_of_another_policy(stands, wanted) and not held_by_person(stands):
        return next_place(stands).ref
    return at.ref


def _is_of_another_policy(stands: HeldLicense, wanted: WantedLicense) -> bool:
    """An adopted license may stand for the policy that its price was mapped to then."""
    return wanted.policy_id not in (stands.policy_id, stands.written.stands_for)


def unnoted_revocations(held: Held) -> Iterator[RevokeLicense]:
    """A pass died between LicenseKit's answer and our note: to revoke once more changes nothing."""
    for license in held.licenses:
        cause = license.written.intended.get("revoked")
        if revoked_by_us(license) and cause and not license.written.revoked:
            yield revoke(license, str(cause))


def revoke_orphan(orphan: Orphan) -> RevokeOrphan:
    why = "its pass ended before the key was kept: nobody has it"
    return RevokeOrphan(orphan.id, ref_at(orphan.line_id, orphan.unit, orphan.issue), why=why)


def _new(
    wanted: WantedLicense, at: Place, buyer: Buyer, held: Held, old: HeldLicense | None = None
) -> Steps:
    for orphan in held.orphans:
        if (orphan.line_id, orphan.unit, orphan.issue) == (wanted.line_id, wanted.unit, at.issue):
            yield revoke_orphan(orphan)
    if wanted.access.revoke:
        yield Note(f"{wanted.line_id} gets no license: {why(wanted.access.revoke)}")
        return
    first = at.issue == 1
    yield IssueLicense(
        ref=at.ref,
        line_id=wanted.line_id,
        product_id=wanted.product_id,
        policy_id=wanted.policy_id,
        expires_at=wanted.access.expires_at,
        order=wanted.first_order if first else wanted.last_order,
        subscription=wanted.subscription,
        customer=Ref("customer", buyer.id),
        buyer=buyer,
        replaces=old.id if old else None,
        metadata=wanted.metadata if first else {**wanted.metadata, "issue": at.issue},
        why=_why_new(wanted, old, first=first),
    )
    yield from _features(wanted, at.ref, {})
    if wanted.access.hold:
        yield suspend(at.ref, wanted.access.hold)


def _why_new(wanted: WantedLicense, old: HeldLicense | None, *, first: bool) -> str:
    if old is not None:
        return f"{wanted.line_id} is sold under {wanted.policy_id} now, and {old.id} is not"
    if first:
        return f"{wanted.line_id} is paid and holds no license"
    return f"{wanted.line_id} is paid, and its last license was revoked"


def _replace(wanted: WantedLicense, stands: HeldLicense, buyer: Buyer, held: Held) -> Steps:
    """Another policy needs another license: the old one goes once the new key is kept.

    Time that a person gave the old one goes on in the new one.
    """
    if held_by_person(stands):
        yield Note(
            f"{stands.id} is suspended in LicenseKit; that decision stands: billing would put a "
            f"license under {wanted.policy_id} in its place"
        )
        return
    if wanted.renewable and extended(stands):
        access = replace(wanted.access, expires_at=_later(wanted.access.expires_at, stands))
        wanted = replace(wanted, access=access)
    yield from _new(wanted, next_place(stands), buyer, held, stands)
    yield revoke(stands, "replaced")


def _later(target: datetime | None, stands: HeldLicense) -> datetime | None:
    ends = [end for end in (target, stands.expires_at) if end is not None]
    return max(ends, default=None)


def take_away(stands: HeldLicense, cause: str) -> Steps:
    """Revoke it, unless a person gave it more time and this cause leaves that alone."""
    if spared(stands, cause):
        yield kept_end(stands, f"revoke it: {why(cause)}")
        return
    yield revoke(stands, cause)


def revoke(license: HeldLicense, cause: str) -> RevokeLicense:
    return RevokeLicense(ref_of(license), license.id, cause, why=why(cause))


def _end(wanted: WantedLicense, stands: HeldLicense) -> Steps:
    """Ends are absolute. They move back only for what was taken back."""
    target, actual = wanted.access.expires_at, stands.expires_at
    if not wanted.renewable or target is None or actual is None or target == actual:
        return
    ours = end_is_ours(stands)
    if target < actual:
        if not ours:
            yield kept_end(stands, f"let it run {day(target)}")
        elif wanted.access.may_shorten:
            yield _renewal(wanted, stands, shortens=True)
    elif ours or (stands.written.expires_at is not None and target > stands.written.expires_at):
        yield _renewal(wanted, stands, shortens=False)
    else:
        yield kept_end(stands, f"let it run {day(target)}")


def _renewal(wanted: WantedLicense, stands: HeldLicense, *, shortens: bool) -> RenewLicense:
    assert wanted.access.expires_at is not None
    return RenewLicense(
        license_id=stands.id,
        line_id=wanted.line_id,
        expires_at=wanted.access.expires_at,
        move=stands.written.end_moves + 1,
        shortens=shortens,
        order=wanted.last_order,
        why=f"paid {day(wanted.access.expires_at)}, held {day(stands.expires_at)}",
    )


def _features(wanted: WantedLicense, ref: Ref, given: Mapping[str, int | None]) -> Steps:
    """Only what we gave is taken away again."""
    for feature_id, limit in sorted(wanted.features.items()):
        if feature_id not in given or given[feature_id] != limit:
            yield AssignFeature(ref, feature_id, limit, why="it comes with what is bought")
    for feature_id in sorted(given.keys() - wanted.features.keys()):
        yield RemoveFeature(ref, feature_id, why="it does not come with what is bought now")
