"""Invoices: draft, finalized, paid or not. When they are due is elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.balance import settle_balance
from simulator.books import Books
from simulator.discounts import cuts, take
from simulator.errors import bad_parameter
from simulator.payments import attempt, open_intent
from simulator.rows import Row
from simulator.shapes import invoices as shapes
from simulator.statuses import after_closing, after_failure, after_payment
from simulator.values import EMBEDDED_ROWS, Obj, listing

FINALIZE_SECONDS = 3600  # a renewal stays a draft for about an hour
RETRY_DAYS = (3, 5, 7)  # after the last of these the subscription is canceled
DAY = 24 * 3600
PAYABLE = ("open", "uncollectible")


def draft(books: Books, subscription: Obj, rows: Sequence[Row], reason: str) -> Obj:
    """A draft with a line for each row, and what waited for it; it becomes `latest_invoice`."""
    invoice = shapes.invoice(books, subscription, reason)
    discounts = take(books, subscription)
    invoice["discounts"] = [discount["id"] for discount in discounts]
    lines = books.children(invoice["id"], "lines")
    waiting = books.agreed.waiting.pop(subscription["id"], [])
    for row in (*waiting, *rows):
        off = [] if row.proration else cuts(books, discounts, row.amount)
        lines.append(books.add(row_line(books, invoice, row, off)))
    add_up(invoice, lines)
    invoice["auto_advance"] = _goes_on_by_itself(subscription)
    if invoice["auto_advance"]:
        invoice["automatically_finalizes_at"] = books.now + FINALIZE_SECONDS
    books.emit("invoice.created", books.add(invoice))
    subscription["latest_invoice"] = invoice["id"]
    return invoice


def row_line(books: Books, invoice: Obj, row: Row, off: list[Obj]) -> Obj:
    """The line of a row; an invoice item that waited for it knows now where it is billed."""
    line = shapes.line(books, invoice, row.item, row.amount, off)
    line["description"] = row.description or line["description"]
    line["discountable"] = not row.proration
    details = line["parent"]["subscription_item_details"]
    details.update(proration=row.proration, invoice_item=row.invoice_item)
    if row.invoice_item is not None:
        books.get("invoiceitem", row.invoice_item)["invoice"] = invoice["id"]
    return line


def finalize(books: Books, invoice: Obj, paid_by: Obj | None = None) -> None:
    """From draft to open: it gets a number, and a payment when there is something to pay.

    `paid_by` is the payment intent of a checkout that was paid before there was an invoice.
    """
    customer = books.refer("customer", invoice["customer"], "customer")
    if paid_by is None:
        settle_balance(books, invoice, customer)
    sequence = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] += 1
    invoice.update(
        status="open",
        number=f"{customer['invoice_prefix']}-{sequence:04}",
        effective_at=books.now,
        automatically_finalizes_at=None,
        customer_email=customer["email"],
        customer_name=customer["name"],
    )
    invoice["status_transitions"]["finalized_at"] = books.now
    if invoice["amount_due"]:
        _ask_for_payment(books, invoice, paid_by)
    books.emit("invoice.finalized", invoice)


def try_to_pay(books: Books, invoice: Obj) -> bool:
    """Pay an open invoice; on failure the subscription becomes past due."""
    if invoice["status"] not in PAYABLE:
        raise bad_parameter("invoice", f"{invoice['id']} is {invoice['status']}, not open.")
    asked = books.children(invoice["id"], "payments")
    invoice["attempted"] = True
    invoice["attempt_count"] += 1
    intent = asked and books.get("payment_intent", asked[0]["payment"]["payment_intent"])
    paid = not intent or attempt(books, intent)
    if paid:
        mark_paid(books, invoice)
    else:
        _mark_failed(books, invoice)
    return paid


def stop_collecting(books: Books, subscription_id: str) -> None:
    """What a subscription leaves unpaid when it ends is not asked for any more."""
    for invoice in books.all("invoice"):
        if (subscription_of(books, invoice) or {}).get("id") == subscription_id:
            invoice.update(next_payment_attempt=None, automatically_finalizes_at=None)


def subscription_of(books: Books, invoice: Obj) -> Obj | None:
    """None for an invoice that stands alone."""
    if invoice["parent"] is None:
        return None
    return books.get("subscription", invoice["parent"]["subscription_details"]["subscription"])


def add_up(invoice: Obj, lines: list[Obj]) -> None:
    """The amounts that its lines come to; the invoice itself carries the first ten of them."""
    subtotal = sum(line["subtotal"] for line in lines)
    off = [row for line in lines for row in line["discount_amounts"]]
    total = subtotal - sum(row["amount"] for row in off)
    invoice["total_discount_amounts"] = [
        {"amount": sum(row["amount"] for row in off if row["discount"] == one), "discount": one}
        for one in invoice["discounts"]
    ]
    invoice.update(
        dict.fromkeys(("subtotal", "subtotal_excluding_tax"), subtotal),
        **dict.fromkeys(("total", "total_excluding_tax", "amount_due", "amount_remaining"), total),
    )
    first, more = lines[:EMBEDDED_ROWS], len(lines) > EMBEDDED_ROWS
    invoice["lines"] = listing(first, invoice["lines"]["url"], has_more=more)


def _ask_for_payment(books: Books, invoice: Obj, paid_by: Obj | None) -> None:
    due, currency = invoice["amount_due"], invoice["currency"]
    intent = paid_by or open_intent(books, due, currency, invoice["customer"])
    payment = books.add(shapes.payment(books, invoice, intent))
    books.children(invoice["id"], "payments").append(payment)


def mark_paid(books: Books, invoice: Obj, *, off_stripe: bool = False) -> None:
    """The money is there, and whatever it was for is cured."""
    amount, asked = invoice["amount_due"], books.children(invoice["id"], "payments")
    invoice.update(
        status="paid",
        amount_paid=amount,
        amount_remaining=0,
        auto_advance=False,
        next_payment_attempt=None,
    )
    invoice["status_transitions"]["paid_at"] = books.now
    invoice["amount_paid_off_stripe"] = amount if off_stripe else 0
    books.emit("invoice.paid", invoice)
    if not off_stripe:
        books.emit("invoice.payment_succeeded", invoice)
    for payment in asked if not off_stripe else ():
        payment.update(status="paid", amount_paid=amount)
        payment["status_transitions"]["paid_at"] = books.now
        books.emit("invoice_payment.paid", payment)
    cure(books, invoice)


def cure(books: Books, invoice: Obj) -> None:
    """Its subscription, if it has one, is in good standing again."""
    subscription = subscription_of(books, invoice)
    if subscription is None:
        return
    paid = invoice["status"] == "paid"
    (after_payment if paid else after_closing)(books, subscription, invoice)


def _mark_failed(books: Books, invoice: Obj) -> None:
    failed = invoice["attempt_count"]
    last = failed > len(RETRY_DAYS) or not invoice["auto_advance"]
    later = None if last else books.now + RETRY_DAYS[failed - 1] * DAY
    invoice["next_payment_attempt"] = later
    books.emit("invoice.payment_failed", invoice)
    subscription = subscription_of(books, invoice)
    if subscription:
        after_failure(books, subscription, invoice)


def _goes_on_by_itself(subscription: Obj) -> bool:
    """Of one that is unpaid, or whose collecting is paused, drafts may stay drafts."""
    wish = subscription["pause_collection"]
    kept = wish is not None and wish["behavior"] == "keep_as_draft"
    return not kept and subscription["status"] != "unpaid"
