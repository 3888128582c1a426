"""Invoice items that a change of a subscription makes, in the shape of 2026-10-28.endive."""

from __future__ import annotations

from simulator.books import Books
from simulator.shapes.invoice_items import item as bare_item
from simulator.values import Obj


def waiting_item(books: Books, subscription: Obj, item: Obj, amount: int) -> Obj:
    """A proration for one subscription item; it waits for the next invoice."""
    price = item["price"]
    return bare_item(books, subscription["customer"], amount, price["currency"]) | {
        "discountable": False,
        "parent": {
            "subscription_details": {
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
            "type": "subscription_details",
        },
        "period": {"end": item["current_period_end"], "start": item["current_period_start"]},
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "proration": True,
        "quantity": item["quantity"],
        "quantity_decimal": str(item["quantity"]),
    }
