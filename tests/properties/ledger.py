"""What was paid for a sale and what became of the money, from Stripe's books alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mappings.terms import Terms
from simulator.books import Books
from simulator.values import Obj

OPEN = ("needs_response", "under_review", "warning_needs_response", "warning_under_review")


@dataclass(frozen=True, slots=True)
class Bill:
    """One line of something that was paid."""

    line: str
    price: str
    quantity: int
    amount: int
    start: int | None
    end: int | None
    proration: bool = False


@dataclass(frozen=True, slots=True)
class Paid:
    """An invoice, a session or a payment intent that was paid."""

    id: str
    at: int
    bills: tuple[Bill, ...]
    charge: Obj | None
    disputes: tuple[str, ...] = ()

    @property
    def returned(self) -> bool:
        """Whether the seller has none of the money any more."""
        return bool(self.charge and self.charge["refunded"]) or "lost" in self.disputes

    def taken_back(self, terms: Terms) -> str:
        """What the mapping wants for it: "revoke", "suspend", or "" where it counts."""
        if terms.on_dispute != "keep" and "lost" in self.disputes:
            return "revoke"
        if self.charge is None:
            return ""
        if self.charge["refunded"]:
            return "" if terms.on_refund == "keep" else terms.on_refund
        share = self.charge["amount_refunded"] * 100 / self.charge["amount"]
        above = share > terms.partial_refund_percent
        return "revoke" if terms.on_partial_refund == "revoke" and above else ""

    def disputed(self, terms: Terms) -> bool:
        return terms.on_dispute != "keep" and any(status in OPEN for status in self.disputes)


def payments_of(books: Books, sale: str) -> list[Paid]:
    """Everything that was paid for a sale, in that order."""
    return sorted(_payments(books, sale), key=lambda one: (one.at, one.id))


def _payments(books: Books, sale: str) -> Iterator[Paid]:
    found = books.find(sale)
    assert found is not None
    if sale.startswith("sub_"):
        for invoice in books.all("invoice"):
            if _subscription_of(invoice) == sale and invoice["status"] == "paid":
                yield _paid_invoice(books, invoice)
    elif sale.startswith("in_") and found["status"] == "paid":
        yield _paid_invoice(books, found)
    elif sale.startswith("cs_") and found["payment_status"] in ("paid", "no_payment_required"):
        rows = books.children(sale, "line_items")
        bills = (
            Bill(row["id"], row["price"]["id"], row["quantity"], row["amount_total"], None, None)
            for row in rows
        )
        yield _paid(books, found, found["created"], tuple(bills), found["payment_intent"])
    elif sale.startswith("pi_") and found["status"] == "succeeded":
        wish = found["metadata"]
        bill = Bill(sale, wish["price"], int(wish["quantity"]), found["amount"], None, None)
        yield _paid(books, found, found["created"], (bill,), sale)


def _paid_invoice(books: Books, invoice: Obj) -> Paid:
    intents = [
        row["payment"]["payment_intent"]
        for row in books.children(invoice["id"], "payments")
        if row["status"] == "paid"
    ]
    bills = tuple(_bill(line) for line in books.children(invoice["id"], "lines"))
    intent = intents[0] if intents else None
    found = _paid(books, invoice, 0, bills, intent)
    at = invoice["status_transitions"]["paid_at"]
    return Paid(found.id, at, bills, found.charge, found.disputes)


def _bill(line: Obj) -> Bill:
    details = line["parent"]["subscription_item_details"]
    start, end = line["period"]["start"], line["period"]["end"]
    return Bill(
        line=details["subscription_item"] if details else line["id"],
        price=line["pricing"]["price_details"]["price"],
        quantity=line["quantity"],
        amount=line["amount"],
        start=start if start < end else None,
        end=end if start < end else None,
        proration=bool(details and details["proration"]),
    )


def _paid(
    books: Books, found: Obj, at: int, bills: tuple[Bill, ...], payment_intent: str | None
) -> Paid:
    intent = books.find(payment_intent)
    charge = books.find(intent["latest_charge"]) if intent else None
    disputes = [
        one["status"] for one in books.all("dispute") if charge and one["charge"] == charge["id"]
    ]
    moment = charge["created"] if charge else at
    return Paid(found["id"], moment, bills, charge, tuple(disputes))


def _subscription_of(invoice: Obj) -> str | None:
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    found: str | None = details.get("subscription")
    return found
