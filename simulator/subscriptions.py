"""How subscriptions start. Their changes, renewals and ends are elsewhere."""

from __future__ import annotations

from simulator.books import Books
from simulator.changes import show_items
from simulator.discounts import redeem, with_coupon
from simulator.errors import bad_parameter
from simulator.invoices import draft, finalize, try_to_pay
from simulator.orders import Order, priced
from simulator.rows import free, full
from simulator.shapes import subscriptions as shapes
from simulator.trials import MISSING, begin
from simulator.values import Obj

DAY = 24 * 3600


def start(books: Books, customer: str, order: Order, schedule: str | None = None) -> Obj:
    """A new subscription with its first invoice; `incomplete` when that isn't paid."""
    rows = priced(books, order)
    recurring = [(price, quantity) for price, quantity in rows if price["recurring"]]
    if not recurring:
        text = "You must provide at least one recurring price in `subscription` mode."
        raise bad_parameter("line_items", text)
    subscription = shapes.subscription(books, customer, rows[0][0]["currency"])
    subscription.update(metadata=dict(order.inner_metadata), schedule=schedule)
    _try_first(books, subscription, order)
    items = books.children(subscription["id"], "items")
    for price, quantity in recurring:
        items.append(books.add(shapes.item(books, subscription, price, quantity)))
    books.add(subscription)
    show_items(books, subscription)
    if (coupon := with_coupon(books, order).coupon) is not None:
        redeem(books, subscription, coupon)
    books.emit("customer.subscription.created", subscription)
    trial = subscription["status"] == "trialing"
    rows_to_bill = [free(item) if trial else full(books, item) for item in items]
    invoice = draft(books, subscription, rows_to_bill, "subscription_create")
    finalize(books, invoice)
    try_to_pay(books, invoice)
    return subscription


def _try_first(books: Books, subscription: Obj, order: Order) -> None:
    """A trial, and what happens at its end to a buyer who left no payment method."""
    if order.missing_payment_method not in MISSING:
        choices = ", ".join(MISSING)
        raise bad_parameter("trial_settings", f"Invalid missing_payment_method: one of {choices}")
    behavior = {"missing_payment_method": order.missing_payment_method}
    subscription["trial_settings"] = {"end_behavior": behavior}
    end = order.trial_end or (books.now + order.trial_days * DAY)
    if end > books.now:
        begin(subscription, books.now, end)
