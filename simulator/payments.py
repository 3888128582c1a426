"""Payment intents and charges: pay, decline, refund. Why money moves is decided elsewhere."""

from __future__ import annotations

from simulator.books import Books
from simulator.errors import bad_parameter
from simulator.metadata import merged
from simulator.params import Params
from simulator.shapes import payments
from simulator.updates import difference
from simulator.values import Obj, frozen

NUMBERED = ("amount_refunded", "refunded")


def open_intent(books: Books, amount: int, currency: str, customer: str | None) -> Obj:
    intent = books.add(payments.payment_intent(books, amount, currency, customer))
    books.emit("payment_intent.created", intent)
    return intent


def pay(books: Books, intent: Obj) -> Obj:
    """The charge that paid it."""
    charge = books.add(payments.charge(books, intent, paid=True))
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        payment_method=charge["payment_method"],
        last_payment_error=None,
    )
    books.emit("payment_intent.succeeded", intent)
    books.emit("charge.succeeded", charge)
    return charge


def decline(books: Books, intent: Obj) -> Obj:
    """The charge that failed; the intent waits for another payment method."""
    charge = books.add(payments.charge(books, intent, paid=False))
    charge.update(failure_code="card_declined", failure_message="Your card was declined.")
    intent.update(
        status="requires_payment_method",
        latest_charge=charge["id"],
        last_payment_error={
            "charge": charge["id"],
            "code": "card_declined",
            "message": "Your card was declined.",
            "type": "card_error",
        },
    )
    books.emit("payment_intent.payment_failed", intent)
    books.emit("charge.failed", charge)
    return charge


def attempt(books: Books, intent: Obj) -> bool:
    """Try to pay; False when this customer's payments fail."""
    if intent["customer"] in books.declined:
        decline(books, intent)
        return False
    pay(books, intent)
    return True


def create_refund(books: Books, params: Params) -> Obj:
    """Give back all that is left of a charge, or `amount` minor units of it."""
    charge = _charge(books, params)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = params.number("amount", left)
    metadata = merged({}, params.take("metadata") or {})
    reason = params.text("reason")
    params.refuse_unknown()
    if not 0 < amount <= left:
        name = charge["id"]
        text = f"Refund amount ({amount}) can't be made of what is left of {name} ({left})"
        raise bad_parameter("amount", text, "charge_already_refunded" if not left else None)
    refund = books.add(payments.refund(books, charge, amount) | {"reason": reason})
    refund["metadata"] = metadata
    _give_back(books, charge, refund)
    return refund


def _give_back(books: Books, charge: Obj, refund: Obj) -> None:
    before = frozen({name: charge[name] for name in NUMBERED})
    charge["amount_refunded"] += refund["amount"]
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    books.children(charge["id"], "refunds").append(refund)
    books.emit("refund.created", refund)
    after = {name: charge[name] for name in NUMBERED}
    books.emit("charge.refunded", charge, difference(before, after))


def _charge(books: Books, params: Params) -> Obj:
    charge, intent = params.text("charge"), params.text("payment_intent")
    if intent is not None:
        paid_by = books.refer("payment_intent", intent, "payment_intent")
        charge = charge or paid_by["latest_charge"]
    if charge is None:
        text = "One of the following params should be provided: payment_intent or charge."
        raise bad_parameter("charge", text, "parameter_missing")
    return books.refer("charge", charge, "charge")
