"""Invoice items, in the shape of API version 2026-10-28.endive."""

from __future__ import annotations

from simulator.amounts import amount_of
from simulator.books import Books
from simulator.values import Obj, nulls


def item(books: Books, customer: str, amount: int, currency: str) -> Obj:
    """An amount in minor units without a price."""
    return {
        **nulls("customer_account description invoice parent test_clock"),
        "id": books.new_id("invoiceitem"),
        "object": "invoiceitem",
        "amount": amount,
        "currency": currency,
        "customer": customer,
        "date": books.now,
        "discountable": True,
        "discounts": [],
        "livemode": books.livemode,
        "metadata": {},
        "net_amount": amount,
        "period": {"end": books.now, "start": books.now},
        "pricing": {
            "price_details": None,
            "type": "price_details",
            "unit_amount_decimal": str(amount),
        },
        "proration": False,
        "quantity": 1,
        "quantity_decimal": "1",
        "tax_rates": [],
    }


def priced_item(books: Books, customer: str, price: Obj, quantity: int) -> Obj:
    """A quantity of a price."""
    amount = amount_of(books, price, quantity)
    return item(books, customer, amount, price["currency"]) | {
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": quantity,
        "quantity_decimal": str(quantity),
    }
