"""Payment intents and charges: pay, decline. Why money moves is decided elsewhere."""

from __future__ import annotations

from typing import Any

from simulator.books import Books
from simulator.errors import bad_parameter
from simulator.shapes import payments
from simulator.values import Obj

ENDED = ("succeeded", "canceled")


def open_intent(books: Books, amount: int, currency: str, customer: str | None, **more: Any) -> Obj:
    """`more` are other fields that it has from the beginning, such as metadata."""
    intent = books.add(payments.payment_intent(books, amount, currency, customer) | more)
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


def cancel_intent(books: Books, intent: Obj, reason: str | None) -> Obj:
    """Nobody will pay it any more."""
    if intent["status"] in ENDED:
        text = (
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}."
        )
        raise bad_parameter("intent", text, "payment_intent_unexpected_state")
    intent.update(status="canceled", canceled_at=books.now, cancellation_reason=reason)
    books.emit("payment_intent.canceled", intent)
    return intent


def attempt(books: Books, intent: Obj) -> bool:
    """Try to pay; False when this customer's payments fail, or there is no way to pay."""
    if intent["customer"] in books.agreed.cardless:
        return False
    if intent["customer"] in books.declined:
        decline(books, intent)
        return False
    pay(books, intent)
    return True
