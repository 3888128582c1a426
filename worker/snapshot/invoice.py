"""A stand-alone invoice, of no subscription: each priced line is sold once. Facts only."""

from __future__ import annotations

from shared.keys import SaleKey, StripeId
from worker.gateways.stripe import StripeGateway
from worker.snapshot.facts import Facts, read_buyer, target_of
from worker.snapshot.invoices import price_of, read_payment, targets_of
from worker.snapshot.money import Taken, intents_of, taken_for
from worker.state import Bought, Line, PaidItem, Payment, Stage

# A status other than paid. An uncollectible invoice may still be paid one day.
UNPAID: dict[str, tuple[Stage, str]] = {
    "draft": ("awaiting_payment", "is a draft"),
    "open": ("awaiting_payment", "awaits its payment"),
    "uncollectible": ("closed", "is written off as uncollectible"),
    "void": ("closed", "is void"),
}


def read_invoice(key: SaleKey, stripe: StripeGateway) -> Bought:
    """The sale. Paid is a status: out of band, from a balance or free is paid too."""
    invoice = stripe.whole_invoice(key.account, key.id)
    if invoice["status"] != "paid":
        stage, what = UNPAID.get(invoice["status"], ("awaiting_payment", "is not paid"))
        return Bought(key, stage, f"{key.id} {what}")
    taken = _taken(key, invoice, stripe)
    payment = read_payment(key, invoice, taken, stripe, _own_line)
    return Bought(
        key=key,
        stage="paid",
        reason=f"{key.id} is paid" if payment.items else f"{key.id} is paid and names no price",
        buyer=read_buyer(invoice["customer"], _named(invoice), key.id),
        lines=tuple(_line(item, payment) for item in payment.items),
        payments=(payment,),
        targets=(*target_of("customer", invoice["customer"]), *targets_of(invoice, taken)),
    )


def _taken(key: SaleKey, invoice: Facts, stripe: StripeGateway) -> Taken:
    charges = []
    for intent_id in intents_of(invoice):
        intent = stripe.payment_intent(key.account, intent_id)
        if isinstance(intent.get("latest_charge"), dict):
            charges.append({**intent["latest_charge"], "payment_intent": intent})
    return taken_for(invoice, charges)


def _named(invoice: Facts) -> Facts:
    return {"name": invoice.get("customer_name"), "email": invoice.get("customer_email")}


def _own_line(invoice_line: Facts) -> StripeId | None:
    """Each priced line is a line of the sale."""
    return StripeId(invoice_line["id"]) if price_of(invoice_line) is not None else None


def _line(item: PaidItem, payment: Payment) -> Line:
    return Line(
        id=item.line_id,
        price_id=item.price_id,
        product_id=item.product_id,
        quantity=item.quantity,
        paid_from=item.period_start or payment.paid_at,
        paid_until=item.period_end,
    )
