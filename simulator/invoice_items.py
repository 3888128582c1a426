"""Invoice items: what waits for a customer's next invoice, or is put on a draft.

Source: docs.stripe.com/api/invoiceitems
"""

from __future__ import annotations

from simulator.books import Books
from simulator.discounts import cuts
from simulator.errors import bad_parameter
from simulator.invoices import add_up
from simulator.metadata import merged
from simulator.params import Params
from simulator.shapes import invoice_items as shapes
from simulator.shapes.invoices import item_line
from simulator.values import Obj


def create_item(books: Books, params: Params) -> Obj:
    """By `pricing[price]` and `quantity`, or by `amount`; on the draft that `invoice` names."""
    invoice = _draft(books, params.text("invoice"))
    owner = params.text("customer", invoice["customer"] if invoice else None)
    if owner is None:
        raise bad_parameter("customer", "Missing required param: customer.", "parameter_missing")
    customer = books.refer("customer", owner, "customer")
    item = _priced(books, customer, params)
    item["description"] = params.text("description", item["description"])
    item["metadata"] = merged({}, params.take("metadata") or {})
    if (period := params.group_or_none("period")) is not None:
        item["period"] = {name: int(period.needed(name)) for name in ("end", "start")}
        period.refuse_unknown()
    params.refuse_unknown()
    books.emit("invoiceitem.created", books.add(item))
    if invoice is not None:
        attach(books, invoice, item)
        add_up(invoice, books.children(invoice["id"], "lines"))
    return item


def attach(books: Books, invoice: Obj, item: Obj, discounts: list[Obj] | None = None) -> None:
    """The item becomes a line of the draft; adding up is left to the caller."""
    item["invoice"] = invoice["id"]
    off = cuts(books, discounts or [], item["amount"])
    line = books.add(item_line(books, invoice, item, off))
    books.children(invoice["id"], "lines").append(line)


def pending(books: Books, customer_id: str) -> list[Obj]:
    """What waits for the customer's next invoice, oldest first."""
    return [
        row
        for row in books.all("invoiceitem")
        if (row["customer"], row["invoice"], row["parent"]) == (customer_id, None, None)
    ]


def _priced(books: Books, customer: Obj, params: Params) -> Obj:
    quantity = params.number("quantity", 1)
    given = params.group("pricing").text("price") or params.text("price")
    amount, currency = params.take("amount"), params.text("currency")
    if given is None:
        if amount is None:
            text = "You must specify either `amount`, `pricing` or `price_data`."
            raise bad_parameter("amount", text, "parameter_missing")
        return shapes.item(books, customer["id"], int(amount), currency or "usd")
    price = books.refer("price", given, "pricing[price]")
    if price["type"] == "recurring":
        text = "This field only accepts prices with `type=one_time`."
        raise bad_parameter("pricing[price]", text)
    name = books.get("product", price["product"])["name"]
    return shapes.priced_item(books, customer["id"], price, quantity) | {"description": name}


def _draft(books: Books, invoice_id: str | None) -> Obj | None:
    if invoice_id is None:
        return None
    invoice = books.refer("invoice", invoice_id, "invoice")
    if invoice["status"] != "draft":
        text = f"{invoice_id} is {invoice['status']}: only a draft takes more items."
        raise bad_parameter("invoice", text, "invoice_not_editable")
    return invoice
