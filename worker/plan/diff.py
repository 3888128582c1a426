"""The steps from what stands in LicenseKit to what should stand there. Pure, and a fixed point:
after the steps are done, the same comparison asks for none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from worker.plan.desired import Desired, WantedLicense
from worker.plan.holds import Note, Steps, hold, spared
from worker.plan.ids import Known, Ref
from worker.plan.licenses import decide, revoke_orphan, take_away, unnoted_revocations
from worker.plan.placement import Place, place, ref_of, standing
from worker.plan.records import WantedOrder, WantedSubscription
from worker.plan.reuse import reuse
from worker.plan.rules import CANCELED_BY_DECISION, HELD_BY_DECISION
from worker.plan.steps import (
    EnsureCustomer,
    RecordOrder,
    RecordSubscription,
    Step,
    SubscriptionRecord,
    UpdateCustomer,
)
from worker.plan.written import written_customer, written_subscription
from worker.state import Buyer, Held, HeldLicense, Problem


def known_ids(buyer: Buyer | None, held: Held) -> Known:
    """Every record that stands, by ref."""
    known = {Ref("order", key): record.licensekit_id for key, record in held.orders.items()}
    for key, record in held.subscriptions.items():
        known[Ref("subscription", key)] = record.licensekit_id
    for license in held.licenses:
        known[ref_of(license)] = license.id
    if buyer is not None and held.customer is not None:
        known[Ref("customer", buyer.id)] = held.customer.licensekit_id
    return known


def make_steps(buyer: Buyer, desired: Desired, held: Held) -> Iterator[Step | Note]:
    """In the order in which they have to run: customer, subscriptions, orders, licenses."""
    customer = Ref("customer", buyer.id)
    yield from customer_steps(buyer, held, needed=bool(desired.orders or desired.licenses))
    for subscription in desired.subscriptions:
        yield from _subscription_step(subscription, customer, held)
    yield from _left_products(desired, customer, held)
    yield from unnoted_revocations(held)
    for order in desired.orders:
        yield from _order_step(order, customer, held)
    for wanted, at in placed(desired, held):
        old = reuse(wanted, at, held)
        if old is not None:
            yield old.step
        yield from decide(wanted, old.place if old else at, buyer, held)
    yield from unasked_steps(desired, held)


def placed(desired: Desired, held: Held) -> list[tuple[WantedLicense, Place]]:
    """Every wanted license with its place."""
    return [(wanted, place(wanted, held)) for wanted in desired.licenses]


def customer_steps(
    buyer: Buyer, held: Held, *, needed: bool
) -> Iterator[EnsureCustomer | UpdateCustomer]:
    """Make the customer where one is needed; its name and e-mail follow Stripe's."""
    if held.customer is None:
        if needed:
            yield EnsureCustomer(buyer, why="no LicenseKit customer is linked to this buyer yet")
    elif not buyer.deleted and not _same(held.customer.written, written_customer(buyer)):
        why = _differences(held.customer.written, written_customer(buyer))
        yield UpdateCustomer(buyer, held.customer.licensekit_id, why)


def unasked_steps(desired: Desired, held: Held) -> Steps:
    """Licenses that no unit asks for now. What is bought no more goes, the newest first; what waits
    for a person stays, unless one decided about the whole sale.
    """
    asked = {(wanted.line_id, wanted.unit) for wanted in desired.licenses}
    if desired.decided == "cancel":
        unasked = (one for one in held.orphans if (one.line_id, one.unit) not in asked)
        yield from map(revoke_orphan, unasked)
    for license in reversed(held.licenses):
        if license.status == "revoked" or (license.line_id, license.unit) in asked:
            continue
        cause = _why_gone(license, desired, held)
        if cause:
            yield from take_away(license, cause)
        if desired.decided == "hold" and (not cause or spared(license, cause)):
            yield from hold(HELD_BY_DECISION, ref_of(license), license)


def _why_gone(license: HeldLicense, desired: Desired, held: Held) -> str:
    if desired.decided == "cancel":
        return CANCELED_BY_DECISION
    bought = desired.units.get(license.line_id)
    newest = standing(license.line_id, license.unit, held)
    fewer = bought is not None and license.unit > bought
    return "quantity" if fewer and license is newest else ""


def _subscription_step(
    wanted: WantedSubscription, customer: Ref, held: Held
) -> Iterator[RecordSubscription]:
    stands = held.subscriptions.get(wanted.ref.stripe_key)
    target = written_subscription(wanted.record, wanted.metadata)
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


def _left_products(desired: Desired, customer: Ref, held: Held) -> Iterator[RecordSubscription]:
    """A plan change to another LicenseKit product ends the record under the old one."""
    wanted = {one.ref.stripe_key for one in desired.subscriptions}
    if not wanted or desired.problems:  # what waits for a mapping may be of that product
        return
    for stripe_key, stands in held.subscriptions.items():
        if stripe_key in wanted or stands.written["status"] == "canceled":
            continue
        external_id, _, product_id = stripe_key.partition("/")
        start, end = stands.written["current_period_start"], stands.written["current_period_end"]
        record = SubscriptionRecord(
            status="canceled",
            current_period_start=datetime.fromisoformat(str(start)),
            current_period_end=datetime.fromisoformat(str(end)),
            cancel_at_period_end=False,
            canceled_at=None,
        )
        yield RecordSubscription(
            ref=Ref("subscription", stripe_key),
            external_id=external_id,
            product_id=product_id,
            record=record,
            record_id=stands.licensekit_id,
            customer=customer,
            why="nothing of this product is sold by the subscription any more",
        )


def _same(written: Mapping[str, object], target: Mapping[str, object]) -> bool:
    return all(written.get(name) == value for name, value in target.items())


def _differences(written: Mapping[str, object], target: Mapping[str, object]) -> str:
    changed = [n for n, value in target.items() if written.get(n) != value]
    return "changed in Stripe: " + ", ".join(n.replace("_", " ") for n in changed)


def _order_step(wanted: WantedOrder, customer: Ref, held: Held) -> Iterator[RecordOrder]:
    stands = held.orders.get(wanted.ref.stripe_key)
    if stands is not None and stands.written.get("status") == wanted.status:
        return
    paid = wanted.status == "paid"
    yield RecordOrder(
        ref=wanted.ref,
        external_id=wanted.payment_id,
        product_id=wanted.product_id,
        period=wanted.period,
        subscription=wanted.subscription,
        customer=customer,
        metadata=wanted.metadata,
        status=wanted.status,
        record_id=stands.licensekit_id if stands else None,
        why=f"{wanted.payment_id} is {'paid' if paid else 'paid back'}",
    )


def held_problems(desired: Desired, held: Held) -> Iterator[Problem]:
    """What stands in LicenseKit and can't be brought to what was bought without a person."""
    for wanted, at in placed(desired, held):
        if at.lost:
            yield Problem(
                cause="license_missing",
                subject=at.ref.stripe_key,
                line_id=wanted.line_id,
                message=(
                    f"LicenseKit no longer knows the license we issued for {wanted.line_id}. The "
                    "buyer's copy stops validating. Nothing is issued again by itself: find out "
                    "who deleted it in LicenseKit, restore it, then reconcile the sale."
                ),
            )
