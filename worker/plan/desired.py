"""What should stand in LicenseKit for a sale, from what was bought and the terms it was sold under.

Pure and total: what can't be desired becomes a Problem, never an exception.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from mappings.values import Mapping as PriceMapping
from worker.plan.context import license_context, payment_context, sale_context
from worker.plan.ends import ENDLESS, End, choose_end
from worker.plan.ids import Ref
from worker.plan.statuses import choose_record
from worker.plan.steps import SubscriptionRecord
from worker.plan.terms import Terms
from worker.state import Bought, LicenseType, Line, PaidItem, Payment, Problem


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


@dataclass(frozen=True, slots=True)
class WantedLicense:
    """One license for each unit of a paid line."""

    ref: Ref
    line_id: str
    unit: int
    product_id: str
    policy_id: str
    renewable: bool
    expires_at: datetime | None
    first_order: Ref
    last_order: Ref
    metadata: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Desired:
    """All of it. `orders` stand in the order in which they were paid."""

    subscriptions: tuple[WantedSubscription, ...] = ()
    orders: tuple[WantedOrder, ...] = ()
    licenses: tuple[WantedLicense, ...] = ()
    problems: tuple[Problem, ...] = ()


def make_desired(bought: Bought, terms: Terms, license_types: Mapping[str, LicenseType]) -> Desired:
    """`license_types` is LicenseKit's type of each policy the terms name."""
    licenses: list[WantedLicense] = []
    problems = list(terms.problems)
    for line in bought.lines:
        mapping = terms.of(line)
        if mapping is None or line.paid_from is None:
            continue
        wanted = _licenses(bought, line, mapping, terms, license_types)
        if isinstance(wanted, Problem):
            problems.append(wanted)
        else:
            licenses.extend(wanted)
    return Desired(
        subscriptions=tuple(_subscriptions(bought, terms)),
        orders=tuple(_orders(bought, terms)),
        licenses=tuple(licenses),
        problems=tuple(problems),
    )


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


def _subscriptions(bought: Bought, terms: Terms) -> Iterator[WantedSubscription]:
    subscription = bought.subscription
    if subscription is None:
        return
    lines: dict[str, list[Line]] = {}
    for line in bought.lines:
        mapping = terms.of(line)
        if mapping is not None and line.paid_from is not None:
            lines.setdefault(mapping.product_id, []).append(line)
    for product_id, sold in lines.items():
        ref = subscription_ref(bought, product_id)
        record = choose_record(subscription, [line.id for line in sold])
        if ref is not None and record is not None:
            yield WantedSubscription(ref, product_id, record, sale_context(bought))


def _orders(bought: Bought, terms: Terms) -> Iterator[WantedOrder]:
    for payment in bought.payments:
        for product_id, items in items_by_product(payment, terms).items():
            yield WantedOrder(
                ref=order_ref(payment, product_id),
                payment_id=payment.id,
                product_id=product_id,
                period=_period(items),
                subscription=subscription_ref(bought, product_id),
                metadata=sale_context(bought) | payment_context(payment, items),
            )


def _period(items: list[PaidItem]) -> tuple[datetime, datetime] | None:
    starts = [item.period_start for item in items if item.period_start is not None]
    ends = [item.period_end for item in items if item.period_end is not None]
    return (min(starts), max(ends)) if starts and ends else None


def _licenses(
    bought: Bought,
    line: Line,
    mapping: PriceMapping,
    terms: Terms,
    license_types: Mapping[str, LicenseType],
) -> list[WantedLicense] | Problem:
    license_type = license_types.get(mapping.policy_id)
    if license_type is None:
        return _policy_missing(line, mapping)
    payments = [p for p in bought.payments if _pays(p, line, mapping, terms)]
    if not payments:
        return []  # the line's new price was not paid yet
    end = choose_end(line, payments[0], mapping, license_type)
    if isinstance(end, Problem):
        return end
    return list(_units(bought, line, mapping, payments, (license_type, end)))


def _pays(payment: Payment, line: Line, mapping: PriceMapping, terms: Terms) -> bool:
    items = items_by_product(payment, terms).get(mapping.product_id, [])
    return any(item.line_id == line.id for item in items)


def _units(
    bought: Bought,
    line: Line,
    mapping: PriceMapping,
    payments: list[Payment],
    ends: tuple[LicenseType, End],
) -> Iterator[WantedLicense]:
    license_type, end = ends
    each = mapping.terms.quantity == "license_per_unit"
    # a quantity of 0 buys nothing, whatever the terms
    for unit in range(1, (line.quantity if each else min(line.quantity, 1)) + 1):
        quantity = 1 if each else line.quantity
        yield WantedLicense(
            ref=Ref("license", f"{line.id}/{unit}"),
            line_id=line.id,
            unit=unit,
            product_id=mapping.product_id,
            policy_id=mapping.policy_id,
            renewable=license_type not in ENDLESS,
            expires_at=end.at,
            first_order=order_ref(payments[0], mapping.product_id),
            last_order=order_ref(_last(payments, line), mapping.product_id),
            metadata=_license_metadata(bought, payments[0], line)
            | license_context(line, unit, quantity),
        )


def _license_metadata(bought: Bought, payment: Payment, line: Line) -> dict[str, object]:
    items = [item for item in payment.items if item.line_id == line.id]
    context = payment_context(payment, items)
    context.pop("lines")
    return sale_context(bought) | context


def _last(payments: list[Payment], line: Line) -> Payment:
    """The payment that the line's end comes from: by a full period if there is one."""
    reaching = [
        (payment, item)
        for payment in payments
        for item in payment.items
        if item.line_id == line.id and item.period_end == line.paid_until
    ]
    full = [payment for payment, item in reaching if not item.proration]
    return (full or [payment for payment, _ in reaching] or payments[-1:])[0]


def _policy_missing(line: Line, mapping: PriceMapping) -> Problem:
    return Problem(
        cause="policy_missing",
        subject=mapping.policy_id,
        line_id=line.id,
        message=(
            f"LicenseKit has no policy {mapping.policy_id}, to which {line.price_id} is mapped, so "
            f"{line.id} was paid but no license was issued. Create the policy, or map the price to "
            f'another with "fulfill mappings set {line.price_id} --policy <policy>"; then '
            '"fulfill reconcile" the sale.'
        ),
    )
