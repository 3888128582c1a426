"""Paid invoices as payments, whoever sent them. Facts only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from shared.keys import SaleKey, StripeId
from shared.moments import from_unix
from worker.gateways.stripe import StripeGateway
from worker.snapshot.facts import Facts, id_of, moment, need, quantity_of, target_of
from worker.snapshot.money import Taken, read_charge
from worker.state import PaidItem, Payment, Target


def paid_at(invoice: Facts) -> datetime:
    paid = (invoice.get("status_transitions") or {}).get("paid_at")
    return from_unix(paid if isinstance(paid, int) else need(invoice, "created"))


def read_payment(
    key: SaleKey,
    invoice: Facts,
    taken: Taken,
    stripe: StripeGateway,
    line_of: Callable[[Facts], StripeId | None],
) -> Payment:
    """`line_of` tells which line of the sale an invoice line bills, or None."""
    charges = tuple(read_charge(key, charge, stripe) for charge in taken.charges)
    return Payment(
        id=StripeId(invoice["id"]),
        paid_at=paid_at(invoice),
        currency=invoice["currency"],
        payment_intent_id=id_of(taken.intent),
        charge_id=next((charge.id for charge in charges), None),
        items=tuple(_items(invoice, line_of)),
        charges=charges,
    )


def targets_of(invoice: Facts, taken: Taken) -> Iterator[Target]:
    """The invoice and the payment intents that paid it, as places for our ids."""
    payment_id = StripeId(invoice["id"])
    yield from target_of("invoice", invoice, payment_id)
    for intent in taken.intents:
        yield from target_of("payment_intent", intent, payment_id)


def price_of(invoice_line: Facts) -> StripeId | None:
    """`pricing.price_details.price`; none for an amount without a price."""
    price = ((invoice_line.get("pricing") or {}).get("price_details")) or {}
    return id_of(price.get("price"))


def _items(invoice: Facts, line_of: Callable[[Facts], StripeId | None]) -> Iterator[PaidItem]:
    """The invoice's lines that sell something, and what each one paid for."""
    for line in invoice["lines"]["data"]:
        line_id, price_id = line_of(line), price_of(line)
        if line_id is None or price_id is None:
            continue
        start, end = _period(line)
        yield PaidItem(
            line_id=line_id,
            invoice_line_id=StripeId(line["id"]),
            price_id=price_id,
            product_id=id_of(line["pricing"]["price_details"].get("product")) or StripeId(""),
            quantity=quantity_of(line),
            amount_minor_units=line["amount"],
            period_start=start,
            period_end=end,
            proration=_proration(line),
        )


def _period(line: Facts) -> tuple[datetime | None, datetime | None]:
    """None for a line that bills a moment and no time."""
    period = need(line, "period")
    start, end = moment(period["start"]), moment(period["end"])
    return (start, end) if start is not None and end is not None and start < end else (None, None)


def _proration(line: Facts) -> bool:
    parent = line.get("parent") or {}
    details = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    return bool(details.get("proration"))
