"""Invoices that stand alone: made by hand, or the receipt of a checkout. No subscription here.

Source: docs.stripe.com/invoicing
"""

from __future__ import annotations

import msgspec

from simulator.books import Books
from simulator.errors import StripeFault, bad_parameter
from simulator.invoice_items import attach, create_item, pending
from simulator.invoices import FINALIZE_SECONDS, add_up, finalize, mark_paid, try_to_pay
from simulator.metadata import merged
from simulator.params import Params
from simulator.shapes import discounts as discount_shapes
from simulator.shapes import invoice_items as item_shapes
from simulator.shapes import invoices as shapes
from simulator.values import LineRequest, Lines, Obj
from simulator.writeoffs import pay_elsewhere

UNUSED = ("forgive", "off_session", "payment_method", "source")  # of `pay`: nothing hangs on them


def create_invoice(books: Books, params: Params) -> Obj:
    """A draft; with `pending_invoice_items_behavior=include` it takes what waits."""
    customer = books.refer("customer", params.needed("customer"), "customer")
    waiting = pending(books, customer["id"])
    include = params.text("pending_invoice_items_behavior", "exclude") == "include"
    first = waiting[0]["currency"] if include and waiting else None
    currency = params.text("currency", first or customer["currency"] or "usd")
    invoice = shapes.bare_invoice(books, customer["id"], str(currency), "manual")
    _word(books, invoice, params)
    params.refuse_unknown()
    for item in waiting if include else ():
        attach(books, invoice, item)
    add_up(invoice, books.children(invoice["id"], "lines"))
    books.emit("invoice.created", books.add(invoice))
    return invoice


def finalize_invoice(books: Books, invoice: Obj, params: Params) -> Obj:
    """As `POST /v1/invoices/{id}/finalize`; what costs nothing is paid with it."""
    if invoice["status"] != "draft":
        text = f"{invoice['id']} is {invoice['status']}: only a draft can be finalized."
        raise bad_parameter("invoice", text)
    invoice["auto_advance"] = params.flag("auto_advance", default=invoice["auto_advance"])
    params.refuse_unknown()
    finalize(books, invoice)
    if not invoice["amount_due"]:
        try_to_pay(books, invoice)
    elif invoice["auto_advance"]:
        invoice["next_payment_attempt"] = books.now + FINALIZE_SECONDS
    return invoice


def pay_invoice(books: Books, invoice: Obj, params: Params) -> Obj:
    """As `POST /v1/invoices/{id}/pay`; a draft is finalized first."""
    elsewhere = params.flag("paid_out_of_band", default=False)
    for name in UNUSED:
        params.take(name)
    params.refuse_unknown()
    if invoice["status"] == "draft":
        finalize_invoice(books, invoice, Params({}))
        if invoice["status"] == "paid":  # as it costs nothing
            return invoice
    if elsewhere:
        pay_elsewhere(books, invoice)
    elif not try_to_pay(books, invoice):
        declined = "Your card was declined."
        raise StripeFault(402, declined, type="card_error", code="card_declined")
    return invoice


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a story wants on an invoice."""

    lines: tuple[LineRequest, ...]
    out_of_band: bool = False
    period: tuple[int, int] | None = None  # start and end of all lines, in seconds since 1970
    metadata: dict[str, str] = {}


def make_wish(lines: Lines, details: Obj) -> Wish:
    """ValueError says what can't be."""
    rows = (lines,) if isinstance(lines, (str, dict)) else tuple(lines)
    try:
        return msgspec.convert({**details, "lines": rows}, Wish)
    except msgspec.ValidationError as wrong:
        raise ValueError(f"this invoice can't be written: {wrong}") from wrong


def bill(books: Books, customer: str, wish: Wish) -> Obj:
    """Items, draft, final; paid when nothing is due, or when the money came elsewhere."""
    given = {"customer": customer, "metadata": wish.metadata}
    invoice = create_invoice(books, Params(given))
    for line in wish.lines:
        row = {"price": line} if isinstance(line, str) else line
        wanted = {**row, "customer": customer, "invoice": invoice["id"]}
        if wish.period is not None:
            wanted["period"] = dict(zip(("start", "end"), wish.period, strict=True))
        create_item(books, Params(wanted))
    finalize_invoice(books, invoice, Params({}))
    if wish.out_of_band and invoice["status"] == "open":
        pay_elsewhere(books, invoice)
    return invoice


def receipt(books: Books, session: Obj, intent: Obj | None) -> Obj:
    """The paid invoice of a checkout with `invoice_creation`, naming the checkout's payment.

    Stripe's pages don't say whether a checkout over nothing writes one; here it does.
    """
    invoice = shapes.bare_invoice(books, session["customer"], session["currency"], "manual")
    invoice.update(auto_advance=False, metadata=dict(session["metadata"]))
    discounts = _discounts(books, session)
    invoice["discounts"] = [discount["id"] for discount in discounts]
    for line in books.children(session["id"], "line_items"):
        price, quantity = line["price"], line["quantity"]
        item = item_shapes.priced_item(books, session["customer"], price, quantity)
        item["description"] = line["description"]
        books.emit("invoiceitem.created", books.add(item))
        attach(books, invoice, item, discounts)
    add_up(invoice, books.children(invoice["id"], "lines"))
    books.emit("invoice.created", books.add(invoice))
    finalize(books, invoice, intent)
    invoice["attempted"] = True
    mark_paid(books, invoice)
    return invoice


def _word(books: Books, invoice: Obj, params: Params) -> None:
    invoice["auto_advance"] = params.flag("auto_advance", default=False)
    if invoice["auto_advance"]:
        invoice["automatically_finalizes_at"] = books.now + FINALIZE_SECONDS
    invoice["collection_method"] = params.text("collection_method", "charge_automatically")
    invoice["description"] = params.text("description")
    invoice["metadata"] = merged({}, params.take("metadata") or {})
    days, due = params.take("days_until_due"), params.take("due_date")
    if days or due:
        invoice["due_date"] = int(due) if due else books.now + int(days) * 24 * 3600


def _discounts(books: Books, session: Obj) -> list[Obj]:
    owner = {"customer": session["customer"], "checkout_session": session["id"]}
    return [
        books.add(
            discount_shapes.discount(books, books.get("coupon", row["coupon"]), None, **owner)
        )
        for row in session["discounts"]
    ]
