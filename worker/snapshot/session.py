"""A one-time checkout session as Stripe tells it now. Facts only."""

from __future__ import annotations

from collections.abc import Mapping

from shared.keys import SaleKey, StripeId
from shared.moments import from_unix
from worker.gateways.stripe import StripeGateway
from worker.prices import Pricing
from worker.snapshot.facts import Facts, id_of, need, product_of, quantity_of, read_buyer, target_of
from worker.snapshot.money import Taken, read_charge, taken_by_session
from worker.snapshot.prices import read_pricing
from worker.snapshot.root import of_kind, subscription_of_session
from worker.state import Bought, Charge, Line, PaidItem, Payment, Stage, Target

# Paid is a status, never an amount: free and 100 % coupon sessions need no payment.
# Source: docs.stripe.com/checkout/fulfillment
PAID = ("paid", "no_payment_required")


def read_session(key: SaleKey, stripe: StripeGateway) -> Bought | SaleKey:
    """The sale, or the key of the subscription that this session began."""
    session = stripe.session(key.account, key.id)
    subscription_id = subscription_of_session(session)
    if subscription_id is not None:
        return of_kind(key, "subscription", subscription_id)
    stage, reason = _stage(session)
    if stage != "paid":
        return Bought(key, stage, reason)
    items = tuple(_item(line) for line in session["line_items"]["data"])
    taken = taken_by_session(session)
    charges = tuple(read_charge(key, charge, stripe) for charge in taken.charges)
    payment = _payment(session, items, taken, charges)
    pricings = {line["id"]: read_pricing(line["price"]) for line in session["line_items"]["data"]}
    return Bought(
        key=key,
        stage=stage,
        reason=reason,
        buyer=read_buyer(session["customer"], session.get("customer_details"), key.id),
        lines=tuple(_line(item, payment, pricings[item.line_id]) for item in items),
        payments=(payment,),
        targets=tuple(_targets(session, payment)),
    )


def _stage(session: Facts) -> tuple[Stage, str]:
    name = session["id"]
    if session.get("mode") != "payment":
        return "not_licensed", f"{name} is a {session.get('mode')} session: it sells nothing"
    if session["status"] == "complete" and session["payment_status"] in PAID:
        return "paid", f"{name} is complete and {session['payment_status'].replace('_', ' ')}"
    if session["status"] == "expired":
        return "closed", f"{name} expired before it was paid"
    if _failed(session):
        return "closed", f"the payment of {name} failed"
    return "awaiting_payment", f"{name} awaits its payment; Stripe tells when it came"


def _failed(session: Facts) -> bool:
    payment = session.get("payment_intent")
    return (
        session["status"] == "complete"
        and isinstance(payment, Mapping)
        and payment.get("status") in ("canceled", "requires_payment_method")
    )


def _item(line: Facts) -> PaidItem:
    price = need(line, "price")
    return PaidItem(
        line_id=StripeId(line["id"]),
        invoice_line_id=None,
        price_id=StripeId(price["id"]),
        product_id=product_of(price),
        quantity=quantity_of(line),
        amount_minor_units=line["amount_total"],
        period_start=None,
        period_end=None,
        proration=False,
    )


def _payment(
    session: Facts, items: tuple[PaidItem, ...], taken: Taken, charges: tuple[Charge, ...]
) -> Payment:
    paid = next(iter(taken.charges), session)
    return Payment(
        id=StripeId(session["id"]),
        paid_at=from_unix(paid["created"]),
        currency=session["currency"],
        payment_intent_id=id_of(session.get("payment_intent")),
        charge_id=next((charge.id for charge in charges), None),
        items=items,
        charges=charges,
    )


def _line(item: PaidItem, payment: Payment, pricing: Pricing | None) -> Line:
    return Line(
        id=item.line_id,
        price_id=item.price_id,
        product_id=item.product_id,
        quantity=item.quantity,
        paid_from=payment.paid_at,
        paid_until=None,
        pricing=pricing,
    )


def _targets(session: Facts, payment: Payment) -> list[Target]:
    return [
        *target_of("customer", session["customer"]),
        *target_of("checkout_session", session, payment.id),
        *target_of("payment_intent", session.get("payment_intent"), payment.id),
    ]
