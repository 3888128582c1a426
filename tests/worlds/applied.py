"""A plan carried out in memory: the same steps, without a database, a network or a clock."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from shared.keys import StripeId
from worker.found import FoundLicense
from worker.plan.diff import known_ids
from worker.plan.ids import Ref, metadata_of, slot_of
from worker.plan.placement import ref_of
from worker.plan.plan import Plan
from worker.plan.steps import (
    Adopt,
    AssignFeature,
    EnsureCustomer,
    IssueLicense,
    NoteLifted,
    RecordOrder,
    RecordSubscription,
    ReinstateLicense,
    RemoveFeature,
    RenewLicense,
    ReuseLicense,
    RevokeLicense,
    RevokeOrphan,
    Step,
    SuspendLicense,
    UpdateCustomer,
    WriteBack,
)
from worker.plan.written import read_written, written_customer, written_subscription
from worker.state import Bought, Held, HeldLicense, Record, Written

LicenseChange = (
    RenewLicense | SuspendLicense | ReinstateLicense | NoteLifted | AssignFeature | RemoveFeature
)


def applied(bought: Bought, held: Held, plan: Plan) -> tuple[Bought, Held]:
    """What stands in Stripe and LicenseKit after all steps of the plan were done."""
    for step in plan.steps:
        if isinstance(step, WriteBack):
            bought = _written(bought, held, step)
        else:
            held = _done(held, step)
    return bought, held


def _done(held: Held, step: Step) -> Held:  # noqa: PLR0911
    match step:
        case Adopt():
            return _adopted(held, step)
        case EnsureCustomer():
            written = written_customer(step.buyer)
            return replace(held, customer=Record(f"lkc_{step.buyer.id}", written))
        case UpdateCustomer():
            return replace(held, customer=Record(step.customer_id, written_customer(step.buyer)))
        case RecordSubscription():
            record = Record(_id(step.ref), written_subscription(step.record, step.metadata))
            return replace(held, subscriptions={**held.subscriptions, step.ref.stripe_key: record})
        case RecordOrder():
            record = Record(_id(step.ref), {"status": step.status})
            return replace(held, orders={**held.orders, step.ref.stripe_key: record})
        case IssueLicense():
            return replace(held, licenses=(*held.licenses, _issued(step)))
        case ReuseLicense():
            old = next(one for one in held.reusable if one.id == step.license_id)
            line_id, unit, issue = slot_of(step.ref.stripe_key)
            mine = replace(old, line_id=StripeId(line_id), unit=unit, issue=issue)
            left = tuple(one for one in held.reusable if one.id != old.id)
            return replace(held, licenses=(*held.licenses, mine), reusable=left)
        case RevokeOrphan():
            left_over = tuple(one for one in held.orphans if one.id != step.license_id)
            return replace(held, orphans=left_over)
        case RevokeLicense():
            kept = tuple(one for one in held.licenses if one.id != step.license_id)
            return replace(held, licenses=kept, over=(*held.over, step.license.stripe_key))
        case WriteBack():
            return held
        case _:
            return replace(held, licenses=tuple(_changed(one, step) for one in held.licenses))


def _adopted(held: Held, step: Adopt) -> Held:
    """Our link, as the next pass reads it. What was found still stands there to be found."""
    key, record = step.ref.stripe_key, Record(step.licensekit_id, step.written)
    match step.ref.kind:
        case "customer":
            return replace(held, customer=record)
        case "order":
            return replace(held, orders={**held.orders, key: record})
        case "subscription":
            return replace(held, subscriptions={**held.subscriptions, key: record})
        case "license":
            found = next(one for one in held.found.licenses if one.id == step.licensekit_id)
            return _linked(held, step, found)
        case _:
            assert_never(step.ref.kind)


def _linked(held: Held, step: Adopt, found: FoundLicense) -> Held:
    if step.written.get("revoked"):
        return replace(held, over=(*held.over, step.ref.stripe_key))
    if step.written.get("moved_to"):
        return replace(held, handed_on=(*held.handed_on, step.ref.stripe_key))
    line_id, unit, issue = slot_of(step.ref.stripe_key)
    license_ = HeldLicense(
        id=found.id,
        line_id=StripeId(line_id),
        unit=unit,
        product_id=found.product_id,
        policy_id=found.policy_id,
        status=found.status,
        expires_at=found.expires_at,
        issue=issue,
        written=read_written(step.written),
    )
    return replace(held, licenses=(*held.licenses, license_))


def _changed(license: HeldLicense, step: LicenseChange) -> HeldLicense:  # noqa: PLR0911
    """The license after a change, if it is meant."""
    named = step.license_id if isinstance(step, RenewLicense) else _id(step.license)
    if named not in (license.id, _id(ref_of(license))):
        return license
    written = license.written
    match step:
        case RenewLicense():
            moved = replace(written, expires_at=step.expires_at, end_moves=step.move)
            return replace(license, expires_at=step.expires_at, written=moved)
        case SuspendLicense():
            return replace(license, status="suspended", written=_noted(written, hold=step.cause))
        case ReinstateLicense():
            return replace(license, status="active", written=_noted(written, hold=""))
        case NoteLifted():
            return replace(license, written=_noted(written, hold="", lifted=step.cause))
        case AssignFeature():
            features = {**written.features, step.feature_id: step.limit}
            return replace(license, written=replace(written, features=features))
        case RemoveFeature():
            left = {k: v for k, v in written.features.items() if k != step.feature_id}
            return replace(license, written=replace(written, features=left))
        case _:
            assert_never(step)


def _noted(written: Written, **changes: str) -> Written:
    """What was done is noted, and no longer intended."""
    left = {name: value for name, value in written.intended.items() if name not in changes}
    return replace(written, **changes, intended=left)  # type: ignore[arg-type]


def _id(ref: Ref) -> str:
    return f"{ref.kind[:3]}_{ref.stripe_key}"


def _issued(step: IssueLicense) -> HeldLicense:
    line_id, unit, issue = slot_of(step.ref.stripe_key)
    assert line_id == step.line_id
    return HeldLicense(
        id=_id(step.ref),
        line_id=StripeId(line_id),
        unit=unit,
        product_id=step.product_id,
        policy_id=step.policy_id,
        status="active",
        expires_at=step.expires_at,
        issue=issue,
        written=Written(expires_at=step.expires_at),
    )


def _written(bought: Bought, held: Held, step: WriteBack) -> Bought:
    assert bought.buyer is not None
    metadata = metadata_of(step.ids, known_ids(bought.buyer, held))
    targets = tuple(
        replace(one, metadata={**one.metadata, **metadata}) if one.id == step.id else one
        for one in bought.targets
    )
    return replace(bought, targets=targets)
