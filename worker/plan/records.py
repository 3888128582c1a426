"""Orders and subscription records that should stand in LicenseKit: what was paid, as linked facts.

Pure. LicenseKit bills nothing: these records carry ids, periods and a status for support and
reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from worker.plan.context import payment_context, sale_context, subscription_context
from worker.plan.cover import is_returned
from worker.plan.ids import Ref
from worker.plan.statuses import choose_record
from worker.plan.steps import SubscriptionRecord
from worker.plan.terms import Terms
from worker.state import Bought, Line, OrderStatus, PaidItem, Payment


@dataclass(frozen=True, slots=True)
class WantedSubscription:
    """One record for each LicenseKit product among the subscription's paid items."""

    ref: Ref
    product_id: str
    record: SubscriptionRecord
    metadata: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class WantedOrder:
    """One order for each payment and LicenseKit product in it."""

    ref: Ref
    payment_id: str
    product_id: str
    period: tuple[datetime, datetime] | None
    subscription: Ref | None
    metadata: Mapping[str, object]
    status: OrderStatus = "paid"


def names_of(bought: Bought) -> frozenset[str]:
    """The external ids of a sale's orders and subscription records: "in_1", "sub_1"."""
    own = {str(payment.id) for payment in bought.payments}
    return frozenset(own | ({str(bought.subscription.id)} if bought.subscription else set()))


def order_ref(payment: Payment, product_id: str) -> Ref:
    return Ref("order", f"{payment.id}/{product_id}")


def subscription_ref(bought: Bought, product_id: str) -> Ref | None:
    """The record of the sale's subscription for one LicenseKit product, if it is one."""
    if bought.subscription is None:
        return None
    return Ref("subscription", f"{bought.subscription.id}/{product_id}")


def items_by_product(payment: Payment, terms: Terms) -> dict[str, list[PaidItem]]:
    """A payment's mapped items by LicenseKit product, in the payment's order."""
    found: dict[str, list[PaidItem]] = {}
    for item in payment.items:
        mapping = terms.of(item)
        if mapping is not None:
            found.setdefault(mapping.product_id, []).append(item)
    return found


def choose_subscriptions(bought: Bought, terms: Terms) -> Iterator[WantedSubscription]:
    subscription = bought.subscription
    if subscription is None:
        return
    lines: dict[str, list[Line]] = {}
    for line in bought.lines:
        mapping = terms.of(line)
        if mapping is not None and line.paid_from is not None and not line.removed:
            lines.setdefault(mapping.product_id, []).append(line)
    for product_id, sold in lines.items():
        ref = subscription_ref(bought, product_id)
        record = choose_record(subscription, [line.id for line in sold])
        if ref is not None and record is not None:
            metadata = sale_context(bought) | subscription_context(sold)
            yield WantedSubscription(ref, product_id, record, metadata)


def choose_orders(bought: Bought, terms: Terms) -> Iterator[WantedOrder]:
    for payment in bought.payments:
        for product_id, items in items_by_product(payment, terms).items():
            yield WantedOrder(
                ref=order_ref(payment, product_id),
                payment_id=payment.id,
                product_id=product_id,
                period=_period(items),
                subscription=subscription_ref(bought, product_id),
                metadata=sale_context(bought) | payment_context(payment, items),
                status="refunded" if is_returned(payment) else "paid",
            )


def _period(items: list[PaidItem]) -> tuple[datetime, datetime] | None:
    """The time that the payment bought; of prorations alone, the days that they bill."""
    items = [item for item in items if item.period_end and not item.proration] or items
    starts = [item.period_start for item in items if item.period_start is not None]
    ends = [item.period_end for item in items if item.period_end is not None]
    return (min(starts), max(ends)) if starts and ends else None
