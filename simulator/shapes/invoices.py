"""Invoices, their lines and their payments, in the shape of API version 2026-10-28.endive."""

from __future__ import annotations

from simulator.books import Books
from simulator.values import Obj, listing, nulls


def invoice(books: Books, subscription: Obj, reason: str) -> Obj:
    """A draft for a subscription; the lines, and the amounts they add up to, come later."""
    bare = bare_invoice(books, subscription["customer"], subscription["currency"], reason)
    return bare | {"parent": _parent(subscription)}


def bare_invoice(books: Books, customer: str, currency: str, reason: str) -> Obj:
    """A draft that stands alone."""
    invoice_id = books.new_id("invoice")
    amounts = "amount_due amount_overpaid amount_paid amount_paid_off_stripe"
    amounts += " amount_remaining amount_shipping"
    notes = "post_payment_credit_notes_amount pre_payment_credit_notes_amount starting_balance"
    totals = "subtotal subtotal_excluding_tax total total_excluding_tax attempt_count"
    return {
        **nulls("account_name account_tax_ids application automatically_finalizes_at"),
        **nulls("custom_fields customer_account customer_address customer_email customer_name"),
        **nulls("customer_phone customer_shipping default_payment_method default_source"),
        **nulls("description due_date effective_at ending_balance footer from_invoice"),
        **nulls("hosted_invoice_url invoice_pdf last_finalization_error latest_revision"),
        **nulls("next_payment_attempt number on_behalf_of receipt_number rendering"),
        **nulls("shipping_cost shipping_details statement_descriptor test_clock"),
        **nulls("webhooks_delivered_at"),
        **dict.fromkeys(f"{amounts} {notes} {totals}".split(), 0),
        "id": invoice_id,
        "object": "invoice",
        "account_country": "US",
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {
            **nulls("disabled_reason liability provider status"),
            "enabled": False,
        },
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": books.now,
        "currency": currency,
        "customer": customer,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_tax_rates": [],
        "discounts": [],
        "issuer": {"type": "self"},
        "lines": listing([], f"/v1/invoices/{invoice_id}/lines"),
        "livemode": books.livemode,
        "metadata": {},
        "parent": None,
        "payment_settings": nulls("default_mandate payment_method_options payment_method_types"),
        "period_end": books.now,
        "period_start": books.now,
        "status": "draft",
        "status_transitions": nulls("finalized_at marked_uncollectible_at paid_at voided_at"),
        "total_discount_amounts": [],
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
    }


def line(books: Books, invoice: Obj, item: Obj, amount: int, off: list[Obj]) -> Obj:
    """A line for one item's period; `amount` in minor units, before discounts, as Stripe has it.

    `off` are rows of {"amount": …, "discount": "di_…"}.
    """
    price = item["price"]
    return {
        "id": books.new_id("line_item"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": f"{item['quantity']} × {price['nickname'] or price['id']}",
        "discount_amounts": off,
        "discountable": True,
        "discounts": [],
        "invoice": invoice["id"],
        "livemode": books.livemode,
        "metadata": dict(invoice["parent"]["subscription_details"]["metadata"]),
        "parent": _line_parent(item),
        "period": {"end": item["current_period_end"], "start": item["current_period_start"]},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": item["quantity"],
        "quantity_decimal": str(item["quantity"]),
        "subscription": item["subscription"],
        "subtotal": amount,
        "taxes": [],
    }


def item_line(books: Books, invoice: Obj, item: Obj, off: list[Obj]) -> Obj:
    """A line for an invoice item; `off` as in `line`."""
    same = [
        "amount",
        "currency",
        "description",
        "discountable",
        "metadata",
        "period",
        "pricing",
        "quantity",
    ]
    return {
        **nulls("subscription"),
        **{name: item[name] for name in same},
        "id": books.new_id("line_item"),
        "object": "line_item",
        "discount_amounts": off,
        "discounts": [],
        "invoice": invoice["id"],
        "livemode": books.livemode,
        "parent": {
            "invoice_item_details": {
                **nulls("subscription"),
                "invoice_item": item["id"],
                "proration": False,
                "proration_details": {"credited_items": None},
            },
            "subscription_item_details": None,
            "type": "invoice_item_details",
        },
        "pretax_credit_amounts": [],
        "quantity_decimal": str(item["quantity"]),
        "subtotal": item["amount"],
        "taxes": [],
    }


def payment(books: Books, invoice: Obj, intent: Obj) -> Obj:
    """How an invoice is being paid: by one payment intent."""
    return {
        "id": books.new_id("invoice_payment"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["amount_due"],
        "created": books.now,
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": books.livemode,
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
        "status": "open",
        "status_transitions": nulls("canceled_at paid_at"),
    }


def _parent(subscription: Obj) -> Obj:
    details = {
        "metadata": dict(subscription["metadata"]),
        "subscription": subscription["id"],
    }
    return {
        "quote_details": None,
        "subscription_details": details,
        "type": "subscription_details",
    }


def _line_parent(item: Obj) -> Obj:
    details = {
        **nulls("invoice_item"),
        "proration": False,
        "proration_details": {"credited_items": None},
        "subscription": item["subscription"],
        "subscription_item": item["id"],
    }
    return {
        "invoice_item_details": None,
        "subscription_item_details": details,
        "type": "subscription_item_details",
    }
