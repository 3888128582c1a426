"""Refunds: made, on their way, arrived, failed afterwards. Disputes are elsewhere.

Source: docs.stripe.com/refunds
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from simulator.books import Books
from simulator.errors import bad_parameter
from simulator.metadata import merged
from simulator.params import Params
from simulator.shapes import payments
from simulator.updates import changing, difference
from simulator.values import Obj, frozen

COUNTED = ("amount_refunded", "refunded")


def create_refund(books: Books, params: Params, *, pending: bool = False) -> Obj:
    """Give back all that is left of a charge, or `amount` minor units of it."""
    charge = charge_of(books, params)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = params.number("amount", left)
    metadata = merged({}, params.take("metadata") or {})
    reason = params.text("reason")
    params.refuse_unknown()
    _refuse_disputed(books, charge)
    if not 0 < amount <= left:
        name = charge["id"]
        text = f"Refund amount ({amount}) can't be made of what is left of {name} ({left})"
        raise bad_parameter("amount", text, "charge_already_refunded" if not left else None)
    refund = books.add(payments.refund(books, charge, amount) | {"reason": reason})
    refund.update(metadata=metadata, status="pending" if pending else "succeeded")
    books.children(charge["id"], "refunds").append(refund)
    before = _counted(charge)
    _count(charge, amount)
    books.emit("refund.created", refund)
    books.emit("charge.refunded", charge, difference(before, _counted(charge)))
    return refund


def settle(books: Books, refund: Obj) -> None:
    """What was pending has arrived."""
    if refund["status"] != "pending":
        raise bad_parameter("refund", f"{refund['id']} is {refund['status']}, not pending.")
    with _told(books, refund):
        refund["status"] = "succeeded"


def fail(books: Books, refund: Obj) -> None:
    """The bank could not take it: the money comes back, and the charge stands again."""
    if refund["status"] not in ("pending", "succeeded"):
        raise bad_parameter("refund", f"{refund['id']} is {refund['status']} already.")
    _count(books.get("charge", refund["charge"]), -refund["amount"])
    with _told(books, refund):
        refund.update(
            status="failed",
            failure_reason="expired_or_canceled_card",
            failure_balance_transaction=books.new_id("balance_transaction"),
        )
    books.emit("refund.failed", refund)


def charge_of(books: Books, params: Params) -> Obj:
    """The charge that `charge` names, or the one that paid the `payment_intent`."""
    charge, intent = params.text("charge"), params.text("payment_intent")
    if intent is not None:
        paid_by = books.refer("payment_intent", intent, "payment_intent")
        charge = charge or paid_by["latest_charge"]
    if charge is None:
        text = "One of the following params should be provided: payment_intent or charge."
        raise bad_parameter("charge", text, "parameter_missing")
    return books.refer("charge", charge, "charge")


@contextmanager
def _told(books: Books, refund: Obj) -> Iterator[None]:
    """`refund.updated`, and the older name that some endpoints still listen to."""
    before = frozen(refund)
    with changing(books, refund):
        yield
    books.emit("charge.refund.updated", refund, difference(before, refund))


def _count(charge: Obj, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]


def _counted(charge: Obj) -> Obj:
    return {name: charge[name] for name in COUNTED}


def _refuse_disputed(books: Books, charge: Obj) -> None:
    """What the bank has taken can't be given back as well; a mere warning does not matter."""
    for dispute in books.all("dispute"):
        if dispute["charge"] == charge["id"] and not dispute["is_charge_refundable"]:
            text = f"Charge {charge['id']} has been charged back; cannot issue a refund."
            raise bad_parameter("charge", text, "charge_disputed")
