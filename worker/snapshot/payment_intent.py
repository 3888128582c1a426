"""A bare payment intent: a sale where its metadata names a price, else none. Facts only."""

from __future__ import annotations

from collections.abc import Mapping

from shared.keys import PRICE_NAMES, SaleKey, StripeId
from shared.moments import from_unix
from worker.errors import NotFound, PermanentError
from worker.gateways.stripe import StripeGateway
from worker.snapshot.facts import Facts, product_of, read_buyer, target_of
from worker.snapshot.money import read_charge
from worker.snapshot.prices import read_pricing
from worker.state import Bought, Line, PaidItem, Payment

MOST_UNITS = 1_000_000  # a larger number is a slip


def read_payment_intent(key: SaleKey, stripe: StripeGateway) -> Bought:
    """The sale of one line, whose id is the intent's own."""
    intent = stripe.payment_intent(key.account, key.id)
    metadata: Mapping[str, str] = intent.get("metadata") or {}
    price_id = next((metadata[name] for name in PRICE_NAMES if metadata.get(name)), None)
    if price_id is None:
        return Bought(key, "not_licensed", f"{key.id} is ignored: its metadata names no price")
    if intent["status"] == "canceled":
        return Bought(key, "closed", f"{key.id} was canceled")
    if intent["status"] != "succeeded":
        return Bought(key, "awaiting_payment", f"{key.id} awaits its payment")
    try:
        price = stripe.price(key.account, price_id)
    except NotFound:
        says = f"{key.id} is ignored: its metadata names {price_id}, which Stripe does not know"
        return Bought(key, "not_licensed", says)
    return _sold(key, intent, price, stripe)


def _sold(key: SaleKey, intent: Facts, price: Facts, stripe: StripeGateway) -> Bought:
    charge = intent.get("latest_charge")
    money = charge if isinstance(charge, Mapping) else None
    payment = _payment(key, intent, _item(key, intent, price), money, stripe)
    (item,) = payment.items
    line = Line(
        id=item.line_id,
        price_id=item.price_id,
        product_id=item.product_id,
        quantity=item.quantity,
        paid_from=payment.paid_at,
        paid_until=None,
        pricing=read_pricing(price),
    )
    return Bought(
        key=key,
        stage="paid",
        reason=f"{key.id} succeeded and names {item.price_id}",
        buyer=read_buyer(intent.get("customer"), _guest(intent, money), key.id),
        lines=(line,),
        payments=(payment,),
        targets=(
            *target_of("customer", intent.get("customer")),
            *target_of("payment_intent", intent, payment.id),
        ),
    )


def _item(key: SaleKey, intent: Facts, price: Facts) -> PaidItem:
    return PaidItem(
        line_id=key.id,
        invoice_line_id=None,
        price_id=StripeId(price["id"]),
        product_id=product_of(price),
        quantity=_quantity(key, intent["metadata"].get("quantity") or "1"),
        amount_minor_units=intent.get("amount_received") or 0,
        period_start=None,
        period_end=None,
        proration=False,
    )


def _quantity(key: SaleKey, text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_UNITS:
        return int(text)
    raise PermanentError(
        f'{key.id} is paid, but the quantity in its metadata is "{text[:40]}", which is no whole '
        "number from 1, so no license was issued. Mend the metadata of the payment intent in "
        f'Stripe, then "fulfill reconcile {key.id}".',
        cause="bad_metadata",
        subject=key.id,
    )


def _payment(
    key: SaleKey, intent: Facts, item: PaidItem, money: Facts | None, stripe: StripeGateway
) -> Payment:
    charges = () if money is None else (read_charge(key, money, stripe),)
    return Payment(
        id=key.id,
        paid_at=from_unix((money or intent)["created"]),
        currency=intent["currency"],
        payment_intent_id=key.id,
        charge_id=charges[0].id if charges else None,
        items=(item,),
        charges=charges,
    )


def _guest(intent: Facts, money: Facts | None) -> Facts:
    details = (money or {}).get("billing_details") or {}
    email = details.get("email") or intent.get("receipt_email")
    return {"name": details.get("name"), "email": email}
