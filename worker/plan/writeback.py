"""Which of our ids belong on which Stripe object, and whether they stand there already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from worker.plan import ids
from worker.plan.desired import Desired
from worker.plan.diff import placed
from worker.plan.ids import Known, Ref, metadata_of
from worker.plan.licenses import kept_ref
from worker.plan.steps import WriteBack
from worker.state import Bought, Held, Target

Ids = dict[str, tuple[Ref, ...]]
Kept = list[tuple[str, Ref]]  # each license that stays, with its line
STEADY = (ids.CUSTOMER, ids.ORDER, ids.SUBSCRIPTION)  # what an older payment's ids are compared by


def write_backs(bought: Bought, desired: Desired, held: Held, known: Known) -> Iterator[WriteBack]:
    """One step for each Stripe object whose metadata differs from our ids.

    An id that is still to be made counts as a difference. An older payment keeps the licenses it
    was once told, also when others have taken their place since.
    """
    if bought.buyer is None or not desired.orders:
        return
    newest = bought.payments[-1].id
    kept = [
        (wanted.line_id, ref)
        for wanted, at in placed(desired, held)
        if (ref := kept_ref(wanted, at)) is not None
    ]
    for target in bought.targets:
        wanted = _ids_for(target, bought, desired, kept)
        told = target.payment_id not in (None, newest) and ids.LICENSES in target.metadata
        compared = {name: refs for name, refs in wanted.items() if not told or name in STEADY}
        if wanted and not _stands(compared, known, target.metadata):
            why = "its metadata does not point at these records yet"
            yield WriteBack(target.kind, target.id, wanted, why)


def _stands(wanted: Ids, known: Known, metadata: Mapping[str, str]) -> bool:
    if any(ref not in known for refs in wanted.values() for ref in refs):
        return False
    return all(metadata.get(k) == v for k, v in metadata_of(wanted, known).items())


def _ids_for(target: Target, bought: Bought, desired: Desired, kept: Kept) -> Ids:
    assert bought.buyer is not None
    customer: Ids = {ids.CUSTOMER: (Ref("customer", bought.buyer.id),)}
    if target.kind == "customer":
        return customer
    orders = [o for o in desired.orders if target.payment_id in (None, o.payment_id)]
    if not orders:
        return {}
    if target.payment_id is None:  # the subscription itself points at its newest order
        orders = [o for o in orders if o.payment_id == orders[-1].payment_id]
        licenses = [ref for _, ref in kept]
    else:
        licenses = _paid_by(target.payment_id, bought, kept)
    products = {order.product_id for order in orders}
    wanted: Ids = {
        ids.ORDER: tuple(order.ref for order in orders),
        ids.SUBSCRIPTION: tuple(s.ref for s in desired.subscriptions if s.product_id in products),
        ids.LICENSES: tuple(licenses),
    }
    return customer | {name: refs for name, refs in wanted.items() if refs}


def _paid_by(payment_id: str, bought: Bought, kept: Kept) -> list[Ref]:
    lines = {
        item.line_id
        for payment in bought.payments
        if payment.id == payment_id
        for item in payment.items
    }
    return [ref for line_id, ref in kept if line_id in lines]
