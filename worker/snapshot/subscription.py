"""A subscription as Stripe tells it now, with everything that was ever paid for it. Facts only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from worker.snapshot.invoices import paid_at, read_payment, targets_of
from worker.snapshot.money import Taken, taken_for
from worker.snapshot.prices import read_pricing
from worker.spans import paid_span
from worker.state import Bought, BoughtSubscription, Line, Payment, Stage, Target

# What became of the first payment when nothing was paid yet.
UNPAID: dict[str, Stage] = {"incomplete_expired": "closed", "canceled": "closed"}


def read_subscription(key: SaleKey, stripe: StripeGateway) -> Bought:
    """The sale, with all its paid invoices, refunds and disputes."""
    facts = stripe.subscription(key.account, key.id)
    paid = stripe.paid_invoices(key.account, key.id)
    invoices = sorted(paid, key=lambda invoice: (paid_at(invoice), invoice["id"]))
    taken = _taken(key, facts, invoices, stripe)
    payments = tuple(
        read_payment(key, invoice, taken[invoice["id"]], stripe, _item_of) for invoice in invoices
    )
    stage: Stage = "paid" if payments else UNPAID.get(facts["status"], "awaiting_payment")
    return Bought(
        key=key,
        stage=stage,
        reason=_reason(facts, payments),
        buyer=read_buyer(facts["customer"], None, key.id),
        lines=(*_lines(facts, payments), *_removed(facts, payments)),
        payments=payments,
        subscription=_subscription(facts),
        targets=tuple(_targets(key, facts, invoices, taken, stripe)) if payments else (),
        test_clock=moment((facts.get("test_clock") or {}).get("frozen_time")),
    )


def _reason(facts: Facts, payments: tuple[Payment, ...]) -> str:
    if not payments:
        return f"{facts['id']} is {facts['status']} and nothing was paid for it yet"
    count = len(payments)
    return f"{facts['id']} is {facts['status']}; {count} invoice{'s' * (count > 1)} paid"


def _taken(
    key: SaleKey, facts: Facts, invoices: Sequence[Facts], stripe: StripeGateway
) -> dict[str, Taken]:
    """What paid each invoice. All charges come with one list of the customer's, not one by one."""
    customer_id = id_of(facts["customer"])
    money = any(i.get("amount_paid") for i in invoices) and customer_id is not None
    charges = (
        stripe.charges_of(key.account, customer_id, since=need(facts, "created"))
        if money and customer_id
        else []
    )
    return {invoice["id"]: taken_for(invoice, charges) for invoice in invoices}


def _item_of(invoice_line: Facts) -> StripeId | None:
    """The subscription item that an invoice line bills."""
    details = (invoice_line.get("parent") or {}).get("subscription_item_details") or {}
    return id_of(details.get("subscription_item"))


def _lines(facts: Facts, payments: tuple[Payment, ...]) -> Iterator[Line]:
    """The subscription's items, and through when each was paid."""
    for item in facts["items"]["data"]:
        price = need(item, "price")
        paid_from, paid_until = _span(StripeId(item["id"]), payments)
        yield Line(
            id=StripeId(item["id"]),
            price_id=StripeId(price["id"]),
            product_id=product_of(price),
            quantity=quantity_of(item),
            paid_from=paid_from,
            paid_until=paid_until,
            pricing=read_pricing(price),
        )


def _removed(facts: Facts, payments: tuple[Payment, ...]) -> Iterator[Line]:
    """Items that were paid once and are not on the subscription any more."""
    there = {item["id"] for item in facts["items"]["data"]}
    paid = {item.line_id: item for payment in payments for item in payment.items}
    for line_id, newest in paid.items():
        if line_id in there:
            continue
        paid_from, paid_until = _span(line_id, payments)
        yield Line(
            id=line_id,
            price_id=newest.price_id,
            product_id=newest.product_id,
            quantity=newest.quantity,
            paid_from=paid_from,
            paid_until=paid_until,
            removed=True,
        )


def _span(
    line_id: StripeId, payments: tuple[Payment, ...]
) -> tuple[datetime | None, datetime | None]:
    items = [item for payment in payments for item in payment.items if item.line_id == line_id]
    return paid_span(items)


def _subscription(facts: Facts) -> BoughtSubscription:
    trial = moment(facts.get("trial_start")), moment(facts.get("trial_end"))
    paused = (facts.get("status_details") or {}).get("paused") or {}
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
        trial=None if trial[0] is None or trial[1] is None else (trial[0], trial[1]),
        ends_at=moment(facts.get("cancel_at")) or _schedule_ends_at(facts.get("schedule")),
        collection_paused=(facts.get("pause_collection") or {}).get("behavior"),
        pause_reason=(paused.get("subscription") or {}).get("type"),
        latest_invoice=(facts.get("latest_invoice") or {}).get("status"),
    )


def _schedule_ends_at(schedule: object) -> datetime | None:
    """The end of the last phase of a schedule that cancels the subscription then."""
    if not isinstance(schedule, dict) or schedule.get("end_behavior") != "cancel":
        return None
    phases = schedule.get("phases") or [{}]
    return moment(phases[-1].get("end_date"))


def _targets(
    key: SaleKey,
    facts: Facts,
    invoices: Sequence[Facts],
    taken: dict[str, Taken],
    stripe: StripeGateway,
) -> Iterator[Target]:
    yield from target_of("customer", facts["customer"])
    yield from target_of("subscription", facts)
    for session in stripe.sessions_of(key.account, key.id):
        yield from target_of("checkout_session", session, StripeId(invoices[0]["id"]))
    for invoice in invoices:
        yield from targets_of(invoice, taken[invoice["id"]])
