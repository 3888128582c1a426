"""Invoices whose money does not come through Stripe: voided, uncollectible, paid elsewhere.

Source: docs.stripe.com/invoicing/overview#invoice-statuses
"""

from __future__ import annotations

from simulator.balance import restore_balance
from simulator.books import Books
from simulator.errors import bad_parameter
from simulator.invoices import PAYABLE, cure, mark_paid, subscription_of
from simulator.payments import ENDED, cancel_intent
from simulator.updates import changing
from simulator.values import Obj


def void(books: Books, invoice: Obj) -> Obj:
    """As if it had never been: a credit that it took comes back."""
    _refuse(invoice, PAYABLE, "voided")
    _stop(books, invoice, "void_invoice")
    restore_balance(books, invoice)
    invoice.update(status="void", amount_remaining=0)
    invoice["status_transitions"]["voided_at"] = books.now
    books.emit("invoice.voided", invoice)
    _release(books, invoice)
    return invoice


def mark_uncollectible(books: Books, invoice: Obj) -> Obj:
    """Nobody expects the money any more, but it may still be paid."""
    _refuse(invoice, ("open",), "marked uncollectible")
    invoice.update(status="uncollectible", next_payment_attempt=None, auto_advance=False)
    invoice["status_transitions"]["marked_uncollectible_at"] = books.now
    books.emit("invoice.marked_uncollectible", invoice)
    _release(books, invoice)
    return invoice


def pay_elsewhere(books: Books, invoice: Obj) -> Obj:
    """The money came by other ways: `invoice.paid` follows, `payment_succeeded` does not."""
    _refuse(invoice, PAYABLE, "paid")
    _stop(books, invoice, "automatic")
    mark_paid(books, invoice, off_stripe=True)
    return invoice


def _stop(books: Books, invoice: Obj, reason: str) -> None:
    """Its payment is asked for no more."""
    invoice.update(next_payment_attempt=None, auto_advance=False)
    for payment in books.children(invoice["id"], "payments"):
        intent = books.get("payment_intent", payment["payment"]["payment_intent"])
        if intent["status"] not in ENDED:
            cancel_intent(books, intent, reason)
            payment["status"] = "canceled"
            payment["status_transitions"]["canceled_at"] = books.now


def _release(books: Books, invoice: Obj) -> None:
    """A subscription is past due only by its latest invoice; unpaid at first, it never starts."""
    subscription = subscription_of(books, invoice)
    if subscription is None or subscription["latest_invoice"] != invoice["id"]:
        return
    if subscription["status"] != "incomplete":
        cure(books, invoice)
    elif invoice["status"] == "void":
        with changing(books, subscription):
            subscription.update(status="incomplete_expired", ended_at=books.now)


def _refuse(invoice: Obj, allowed: tuple[str, ...], done: str) -> None:
    if invoice["status"] not in allowed:
        text = f"{invoice['id']} is {invoice['status']} and can't be {done}."
        raise bad_parameter("invoice", text)
