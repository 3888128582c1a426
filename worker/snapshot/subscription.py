"""A subscription as Stripe tells it now, with everything that was ever paid for it. Facts only."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from shared.keys import SaleKey, StripeId
from shared.moments import from_unix
from worker.gateways.stripe import StripeGateway
from worker.snapshot.facts import (
    Facts,
    id_of,
    moment,
    need,
    product_of,
    quantity_of,
    read_buyer,
    target_of,
)
from worker.state import Bought, BoughtSubscription, Line, PaidItem, Payment, Stage, Target

# What became of the first payment when nothing was paid yet.
UNPAID: dict[str, Stage] = {"incomplete_expired": "closed", "canceled": "closed"}


def read_subscription(
    key: SaleKey, stripe: StripeGateway, closed_payments: Collection[str]
) -> Bought:
    """The sale. Payments in `closed_payments` carry our ids already: theirs are not read again."""
    facts = stripe.subscription(key.account, key.id)
    invoices = sorted(
        stripe.paid_invoices(key.account, key.id), key=lambda i: (_paid_at(i), i["id"])
    )
    intents = {
        invoice["id"]: _intent(key, invoice, stripe)
        for invoice in invoices
        if invoice["id"] not in closed_payments
    }
    payments = tuple(_payment(invoice, intents.get(invoice["id"])) for invoice in invoices)
    lines = tuple(_line(item, payments) for item in facts["items"]["data"])
    stage: Stage = "paid" if payments else UNPAID.get(facts["status"], "awaiting_payment")
    return Bought(
        key=key,
        stage=stage,
        reason=_reason(facts, payments),
        buyer=read_buyer(facts["customer"], None, key.id),
        lines=lines,
        payments=payments,
        subscription=_subscription(facts),
        targets=tuple(_targets(key, facts, invoices, intents, stripe)) if payments else (),
    )


def _reason(facts: Facts, payments: tuple[Payment, ...]) -> str:
    if not payments:
        return f"{facts['id']} is {facts['status']} and nothing was paid for it yet"
    count = len(payments)
    return f"{facts['id']} is {facts['status']}; {count} invoice{'s' * (count > 1)} paid"


def _paid_at(invoice: Facts) -> datetime:
    paid = (invoice.get("status_transitions") or {}).get("paid_at")
    return from_unix(paid if isinstance(paid, int) else need(invoice, "created"))


def _intent(key: SaleKey, invoice: Facts, stripe: StripeGateway) -> Facts | None:
    """The payment intent that paid an invoice; none where it was free or paid out of band."""
    for payment in (invoice.get("payments") or {}).get("data", []):
        intent_id = id_of((payment.get("payment") or {}).get("payment_intent"))
        if payment.get("status") == "paid" and intent_id is not None:
            return stripe.payment_intent(key.account, intent_id)
    return None


def _payment(invoice: Facts, intent: Facts | None) -> Payment:
    return Payment(
        id=StripeId(invoice["id"]),
        paid_at=_paid_at(invoice),
        currency=invoice["currency"],
        payment_intent_id=id_of(intent),
        charge_id=id_of((intent or {}).get("latest_charge")),
        items=tuple(_items(invoice)),
    )


def _items(invoice: Facts) -> Iterator[PaidItem]:
    """The invoice's lines that belong to a subscription item."""
    for line in invoice["lines"]["data"]:
        parent = line.get("parent") or {}
        details = parent.get("subscription_item_details") or {}
        item_id = id_of(details.get("subscription_item"))
        price = ((line.get("pricing") or {}).get("price_details")) or {}
        price_id = id_of(price.get("price"))
        if item_id is None or price_id is None:
            continue
        period = need(line, "period")
        yield PaidItem(
            line_id=item_id,
            invoice_line_id=StripeId(line["id"]),
            price_id=price_id,
            product_id=id_of(price.get("product")) or StripeId(""),
            quantity=quantity_of(line),
            amount_minor_units=line["amount"],
            period_start=moment(period["start"]),
            period_end=moment(period["end"]),
            proration=bool(details.get("proration")),
        )


def _line(item: Facts, payments: tuple[Payment, ...]) -> Line:
    """A subscription item, and through when it was paid."""
    paid_from, paid_until = paid_span(
        [found for payment in payments for found in payment.items if found.line_id == item["id"]]
    )
    price = need(item, "price")
    return Line(
        id=StripeId(item["id"]),
        price_id=StripeId(price["id"]),
        product_id=product_of(price),
        quantity=quantity_of(item),
        paid_from=paid_from,
        paid_until=paid_until,
    )


def paid_span(items: Sequence[PaidItem]) -> tuple[datetime | None, datetime | None]:
    """From when and through when the paid items of one line reach; None where nothing was paid.

    Proration moves no time. But an item added in mid-period, or a first period that a billing
    cycle anchor cuts short, is billed by proration lines alone: then theirs is the time paid for.
    A credit among them (a negative amount) pays for nothing.
    Source: docs.stripe.com/billing/subscriptions/prorations
    """
    full = [item for item in items if not item.proration]
    paid = full or [item for item in items if item.quantity and item.amount_minor_units >= 0]
    starts = [item.period_start for item in paid if item.period_start]
    ends = [item.period_end for item in paid if item.period_end]
    return min(starts, default=None), max(ends, default=None)


def _subscription(facts: Facts) -> BoughtSubscription:
    return BoughtSubscription(
        id=StripeId(facts["id"]),
        status=facts["status"],
        periods={
            StripeId(item["id"]): (
                from_unix(need(item, "current_period_start")),
                from_unix(need(item, "current_period_end")),
            )
            for item in facts["items"]["data"]
        },
        cancel_at_period_end=bool(facts.get("cancel_at_period_end")),
        ended_at=moment(facts.get("ended_at")),
        canceled_at=moment(facts.get("canceled_at")),
    )


def _targets(
    key: SaleKey,
    facts: Facts,
    invoices: Sequence[Facts],
    intents: dict[str, Facts | None],
    stripe: StripeGateway,
) -> Iterator[Target]:
    yield from target_of("customer", facts["customer"])
    yield from target_of("subscription", facts)
    for session in stripe.sessions_of(key.account, key.id):
        yield from target_of("checkout_session", session, StripeId(invoices[0]["id"]))
    for invoice in invoices:
        payment_id = StripeId(invoice["id"])
        yield from target_of("invoice", invoice, payment_id)
        yield from target_of("payment_intent", intents.get(invoice["id"]), payment_id)
