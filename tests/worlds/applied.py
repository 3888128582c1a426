"""A plan carried out in memory: the same steps, without a database, a network or a clock."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from worker.plan.diff import known_ids, written_subscription
from worker.plan.ids import Ref, metadata_of
from worker.plan.plan import Plan
from worker.plan.steps import (
    EnsureCustomer,
    IssueLicense,
    RecordOrder,
    RecordSubscription,
    RenewLicense,
    RevokeOrphan,
    Step,
    WriteBack,
)
from worker.state import Bought, Held, HeldLicense, Record


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
        case EnsureCustomer():
            return replace(held, customer=Record(f"lkc_{step.buyer.id}", {}))
        case RecordSubscription():
            record = Record(_id(step.ref), written_subscription(step.record))
            return replace(held, subscriptions={**held.subscriptions, step.ref.stripe_key: record})
        case RecordOrder():
            record = Record(_id(step.ref), {"status": "paid"})
            return replace(held, orders={**held.orders, step.ref.stripe_key: record})
        case IssueLicense():
            return replace(held, licenses=(*held.licenses, _issued(step)))
        case RenewLicense():
            licenses = tuple(
                replace(one, expires_at=step.expires_at) if one.id == step.license_id else one
                for one in held.licenses
            )
            return replace(held, licenses=licenses)
        case RevokeOrphan():
            left = tuple(one for one in held.orphans if one.id != step.license_id)
            return replace(held, orphans=left)
        case WriteBack():
            return held
        case _:
            assert_never(step)


def _id(ref: Ref) -> str:
    return f"{ref.kind[:3]}_{ref.stripe_key}"


def _issued(step: IssueLicense) -> HeldLicense:
    line_id, _, unit = step.ref.stripe_key.rpartition("/")
    assert line_id == step.line_id
    return HeldLicense(
        id=_id(step.ref),
        line_id=step.line_id,  # type: ignore[arg-type]
        unit=int(unit),
        product_id=step.product_id,
        policy_id=step.policy_id,
        status="active",
        expires_at=step.expires_at,
    )


def _written(bought: Bought, held: Held, step: WriteBack) -> Bought:
    assert bought.buyer is not None
    metadata = metadata_of(step.ids, known_ids(bought.buyer, held))
    targets = tuple(
        replace(one, metadata={**one.metadata, **metadata}) if one.id == step.id else one
        for one in bought.targets
    )
    return replace(bought, targets=targets)
