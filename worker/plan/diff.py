"""The steps from what stands in LicenseKit to what should stand there. Pure, and a fixed point:
after the steps are done, the same comparison asks for none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from shared.moments import day, stamp
from worker.plan.desired import Desired, WantedLicense, WantedOrder, WantedSubscription
from worker.plan.ids import Known, Ref
from worker.plan.steps import (
    EnsureCustomer,
    IssueLicense,
    RecordOrder,
    RecordSubscription,
    RenewLicense,
    RevokeOrphan,
    Step,
    SubscriptionRecord,
)
from worker.state import Buyer, Held, HeldLicense, Problem


def written_subscription(record: SubscriptionRecord) -> dict[str, object]:
    """A record as our link keeps it, to see later whether it still stands so."""
    return {
        "status": record.status,
        "current_period_start": stamp(record.current_period_start),
        "current_period_end": stamp(record.current_period_end),
        "cancel_at_period_end": record.cancel_at_period_end,
        "canceled_at": stamp(record.canceled_at) if record.canceled_at else None,
    }


def known_ids(buyer: Buyer, held: Held) -> Known:
    """Every record that stands, by ref."""
    known = {Ref("order", key): record.licensekit_id for key, record in held.orders.items()}
    for key, record in held.subscriptions.items():
        known[Ref("subscription", key)] = record.licensekit_id
    for license in held.licenses:
        known[Ref("license", f"{license.line_id}/{license.unit}")] = license.id
    if held.customer is not None:
        known[Ref("customer", buyer.id)] = held.customer.licensekit_id
    return known


def make_steps(buyer: Buyer, desired: Desired, held: Held) -> Iterator[Step]:
    """In the order in which they have to run: customer, subscriptions, orders, licenses."""
    customer = Ref("customer", buyer.id)
    if held.customer is None and (desired.orders or desired.licenses):
        yield EnsureCustomer(buyer, why="no LicenseKit customer is linked to this buyer yet")
    for subscription in desired.subscriptions:
        yield from _subscription_step(subscription, customer, held)
    for order in desired.orders:
        yield from _order_step(order, customer, held)
    for wanted in desired.licenses:
        yield from _license_steps(wanted, buyer, held)


def _subscription_step(
    wanted: WantedSubscription, customer: Ref, held: Held
) -> Iterator[RecordSubscription]:
    stands = held.subscriptions.get(wanted.ref.stripe_key)
    target = written_subscription(wanted.record)
    if stands is not None and _same(stands.written, target):
        return
    yield RecordSubscription(
        ref=wanted.ref,
        external_id=wanted.ref.stripe_key.partition("/")[0],
        product_id=wanted.product_id,
        record=wanted.record,
        record_id=stands.licensekit_id if stands else None,
        customer=customer,
        metadata=wanted.metadata,
        why="no record of it yet" if stands is None else _differences(stands.written, target),
    )


def _same(written: Mapping[str, object], target: Mapping[str, object]) -> bool:
    return all(written.get(name) == value for name, value in target.items())


def _differences(written: Mapping[str, object], target: Mapping[str, object]) -> str:
    changed = [n for n, value in target.items() if written.get(n) != value]
    return "changed in Stripe: " + ", ".join(n.replace("_", " ") for n in changed)


def _order_step(wanted: WantedOrder, customer: Ref, held: Held) -> Iterator[RecordOrder]:
    if wanted.ref.stripe_key in held.orders:
        return
    yield RecordOrder(
        ref=wanted.ref,
        external_id=wanted.payment_id,
        product_id=wanted.product_id,
        period=wanted.period,
        subscription=wanted.subscription,
        customer=customer,
        metadata=wanted.metadata,
        why=f"{wanted.payment_id} is paid",
    )


def _license_steps(wanted: WantedLicense, buyer: Buyer, held: Held) -> Iterator[Step]:
    stands = find_held(wanted, held)
    if stands is not None:
        yield from _renewal(wanted, stands)
        return
    if any(key == wanted.ref.stripe_key for key in held.gone):
        return
    for orphan in held.orphans:
        if (orphan.line_id, orphan.unit) == (wanted.line_id, wanted.unit):
            yield RevokeOrphan(
                orphan.id, wanted.ref, why="its pass ended before the key was kept: nobody has it"
            )
    yield IssueLicense(
        ref=wanted.ref,
        line_id=wanted.line_id,
        product_id=wanted.product_id,
        policy_id=wanted.policy_id,
        expires_at=wanted.expires_at,
        order=wanted.first_order,
        customer=Ref("customer", buyer.id),
        buyer=buyer,
        metadata=wanted.metadata,
        why=f"{wanted.line_id} is paid and holds no license",
    )


def _renewal(wanted: WantedLicense, stands: HeldLicense) -> Iterator[RenewLicense]:
    if stands.policy_id != wanted.policy_id or stands.status == "revoked" or not wanted.renewable:
        return
    if not _later(wanted.expires_at, stands.expires_at):
        return
    assert wanted.expires_at is not None
    yield RenewLicense(
        license_id=stands.id,
        line_id=wanted.line_id,
        expires_at=wanted.expires_at,
        order=wanted.last_order,
        why=f"paid {day(wanted.expires_at)}, held {day(stands.expires_at)}",
    )


def _later(wanted: datetime | None, stands: datetime | None) -> bool:
    """Ends never move back, and one that never comes can't be moved."""
    return wanted is not None and stands is not None and wanted > stands


def find_held(wanted: WantedLicense, held: Held) -> HeldLicense | None:
    """The license of exactly this line and unit."""
    for license in held.licenses:
        if (license.line_id, license.unit) == (wanted.line_id, wanted.unit):
            return license
    return None


def held_problems(desired: Desired, held: Held) -> Iterator[Problem]:
    """What stands in LicenseKit and can't be brought to what was bought without a person."""
    for wanted in desired.licenses:
        stands = find_held(wanted, held)
        if stands is not None and stands.policy_id != wanted.policy_id:
            yield Problem(
                cause="policy_changed",
                subject=wanted.line_id,
                line_id=wanted.line_id,
                message=(
                    f"{wanted.line_id} is now sold under {wanted.policy_id}, but {stands.id} "
                    f"stands under {stands.policy_id}. The buyer keeps it as it is. "
                    "Plan changes to another policy are not carried out yet: change it by hand."
                ),
            )
        if wanted.ref.stripe_key in held.gone:
            yield Problem(
                cause="license_missing",
                subject=wanted.ref.stripe_key,
                line_id=wanted.line_id,
                message=(
                    f"LicenseKit no longer knows the license we issued for {wanted.line_id}. The "
                    "buyer's copy stops validating. Nothing is issued again by itself: find out "
                    "who deleted it in LicenseKit, restore it, then reconcile the sale."
                ),
            )
