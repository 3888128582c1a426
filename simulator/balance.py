"""What a customer is owed, or owes, until the next invoice. Less than 0 is a credit.

Source: docs.stripe.com/billing/customer/balance
"""

from __future__ import annotations

from simulator.books import Books
from simulator.metadata import merged
from simulator.params import Params
from simulator.shapes.people import balance_transaction
from simulator.updates import changing
from simulator.values import Obj


def create_transaction(books: Books, customer: Obj, params: Params) -> Obj:
    """As `POST /v1/customers/{id}/balance_transactions`: -500 gives a credit of 5.00."""
    amount, currency = int(params.needed("amount")), params.needed("currency").lower()
    description = params.text("description")
    metadata = merged({}, params.take("metadata") or {})
    params.refuse_unknown()
    made = _move(books, customer, amount, currency)
    made.update(description=description, metadata=metadata)
    return made


def settle_balance(books: Books, invoice: Obj, customer: Obj) -> None:
    """A credit pays the invoice first; what is below 0 on it becomes a credit."""
    before, total = customer["balance"], invoice["total"]
    due, after = max(0, total + before), min(0, total + before)
    invoice.update(amount_due=due, amount_remaining=due)
    invoice.update(starting_balance=before, ending_balance=after)
    if after != before:
        made = _move(books, customer, after - before, invoice["currency"])
        made.update(type="applied_to_invoice", invoice=invoice["id"])


def restore_balance(books: Books, invoice: Obj) -> None:
    """What a voided invoice took of a credit, the customer has again."""
    taken = (invoice["ending_balance"] or 0) - invoice["starting_balance"]
    if taken:
        customer = books.refer("customer", invoice["customer"], "customer")
        made = _move(books, customer, -taken, invoice["currency"])
        made.update(type="unapplied_from_invoice", invoice=invoice["id"])


def _move(books: Books, customer: Obj, amount: int, currency: str) -> Obj:
    with changing(books, customer):
        customer["balance"] += amount
        customer["currency"] = customer["currency"] or currency
    made = books.add(balance_transaction(books, customer, amount, currency))
    books.children(customer["id"], "balance_transactions").insert(0, made)  # newest first
    return made
