"""Which of our ids belong on which Stripe object, and whether they stand there already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from worker.plan import ids
from worker.plan.desired import Desired, WantedLicense
from worker.plan.ids import Known, Ref, metadata_of
from worker.plan.steps import WriteBack
from worker.state import Bought, Target

Ids = dict[str, tuple[Ref, ...]]


def write_backs(bought: Bought, desired: Desired, known: Known) -> Iterator[WriteBack]:
    """One step for each Stripe object whose metadata differs from our ids.

    An id that is still to be made counts as a difference.
    """
    if bought.buyer is None or not desired.orders:
        return
    for target in bought.targets:
        wanted = _ids_for(target, bought, desired)
        if wanted and not _stands(wanted, known, target.metadata):
            yield WriteBack(
                kind=target.kind,
                id=target.id,
                ids=wanted,
                why="its metadata does not point at these records yet",
                payment_id=target.payment_id if target.kind == "payment_intent" else None,
            )


def _stands(wanted: Ids, known: Known, metadata: Mapping[str, str]) -> bool:
    if any(ref not in known for refs in wanted.values() for ref in refs):
        return False
    return all(metadata.get(k) == v for k, v in metadata_of(wanted, known).items())


def _ids_for(target: Target, bought: Bought, desired: Desired) -> Ids:
    assert bought.buyer is not None
    customer: Ids = {ids.CUSTOMER: (Ref("customer", bought.buyer.id),)}
    if target.kind == "customer":
        return customer
    orders = [o for o in desired.orders if target.payment_id in (None, o.payment_id)]
    if not orders:
        return {}
    if target.payment_id is None:  # the subscription itself points at its newest order
        orders = [o for o in orders if o.payment_id == orders[-1].payment_id]
        licenses = list(desired.licenses)
    else:
        licenses = _paid_by(target.payment_id, bought, desired)
    wanted: Ids = {
        ids.ORDER: tuple(order.ref for order in orders),
        ids.SUBSCRIPTION: tuple(subscription.ref for subscription in desired.subscriptions),
        ids.LICENSES: tuple(wanted.ref for wanted in licenses),
    }
    return customer | {name: refs for name, refs in wanted.items() if refs}


def _paid_by(payment_id: str, bought: Bought, desired: Desired) -> list[WantedLicense]:
    lines = {
        item.line_id
        for payment in bought.payments
        if payment.id == payment_id
        for item in payment.items
    }
    return [wanted for wanted in desired.licenses if wanted.line_id in lines]
