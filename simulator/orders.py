"""What a buyer wants: the request behind a checkout session. Carrying it out is elsewhere."""

from __future__ import annotations

from typing import Any

import msgspec

from simulator.books import Books
from simulator.errors import bad_parameter
from simulator.values import LineRequest, Obj


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order at the checkout; the same fields in Python and in JSON."""

    lines: tuple[LineRequest, ...]
    customer: str | None = None  # "cus_…" of someone who bought before
    email: str | None = "buyer@example.com"
    name: str | None = "Ada Buyer"
    guest: bool = False  # pays without becoming a customer
    unpaid: bool = False  # by a method that settles days later
    invoice_creation: bool = False  # a paid invoice comes with it, and a guest is a customer
    discount_percent: int = 0  # 100 makes it free; short for a coupon that lasts for ever
    coupon: str | None = None  # the id of one that exists
    trial_days: int = 0
    trial_end: int | None = None  # a moment instead of days
    payment_method_collection: str = "always"  # "if_required": a free start needs no card
    missing_payment_method: str = "create_invoice"  # or "cancel", "pause": at the trial's end
    client_reference_id: str | None = None
    metadata: dict[str, str] = {}  # of the session
    inner_metadata: dict[str, str] = {}  # of the payment intent or the subscription


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """The ids of what a purchase made; None for what this kind of purchase does not make."""

    session: str  # "cs_…"
    customer: str | None = None  # "cus_…"; None for a guest
    payment_intent: str | None = None  # "pi_…"; None when nothing was to pay
    subscription: str | None = None  # "sub_…"
    invoice: str | None = None  # "in_…"
    items: tuple[str, ...] = ()  # "li_…" of a payment, "si_…" of a subscription


def make_order(lines: Any, details: Obj) -> Order:
    """Check an order; ValueError says what can't be. One price alone is an order too."""
    rows = (lines,) if isinstance(lines, (str, dict)) else tuple(lines)
    try:
        return msgspec.convert({**details, "lines": rows}, Order)
    except msgspec.ValidationError as wrong:
        raise ValueError(f"this order can't be placed: {wrong}") from wrong


def priced(books: Books, order: Order) -> list[tuple[Obj, int]]:
    """The price and the quantity of each line."""
    if not order.lines:
        raise bad_parameter("line_items", "You must specify at least one line item.")
    return [_priced(books, row) for row in order.lines]


def _priced(books: Books, row: LineRequest) -> tuple[Obj, int]:
    row = {"price": row} if isinstance(row, str) else row
    price = books.refer("price", str(row.get("price")), "line_items[0][price]")
    if not price["active"]:
        text = "The price specified is inactive. This field only accepts active prices."
        raise bad_parameter("line_items[0][price]", text)
    return price, int(row.get("quantity", 1))
