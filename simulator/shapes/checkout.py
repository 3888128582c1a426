"""Checkout sessions and their line items, in the shape of API version 2026-10-28.endive."""

from __future__ import annotations

from simulator.books import Books
from simulator.shapes.people import NO_ADDRESS
from simulator.values import Obj, nulls

OPEN_SECONDS = 24 * 3600  # an open session expires after a day


def session(books: Books, mode: str, currency: str) -> Obj:
    """An open session; its line items are kept beside it, as Stripe sends them only on demand."""
    session_id = books.new_id("checkout.session")
    return {
        **nulls("after_expiration allow_promotion_codes billing_address_collection cancel_url"),
        **nulls("client_reference_id client_secret collected_information consent"),
        **nulls("consent_collection currency_conversion customer customer_account"),
        **nulls("customer_creation customer_details customer_email integration_identifier invoice"),
        **nulls("invoice_creation locale managed_payments origin_context payment_intent"),
        **nulls("payment_link payment_method_configuration_details permissions recovered_from"),
        **nulls("saved_payment_method_options setup_intent shipping_address_collection"),
        **nulls("shipping_cost submit_type subscription wallet_options"),
        "id": session_id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "amount_subtotal": 0,
        "amount_total": 0,
        "automatic_tax": {**nulls("liability provider status"), "enabled": False},
        "created": books.now,
        "currency": currency,
        "custom_fields": [],
        "custom_text": nulls("after_submit shipping_address submit terms_of_service_acceptance"),
        "discounts": [],
        "expires_at": books.now + OPEN_SECONDS,
        "livemode": books.livemode,
        "metadata": {},
        "mode": mode,
        "payment_method_collection": "always" if mode == "subscription" else "if_required",
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "success_url": "https://example.com/success",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"https://checkout.stripe.com/c/pay/{session_id}",
    }


def customer_details(email: str | None, name: str | None) -> Obj:
    return {
        **nulls("business_name individual_name phone"),
        "address": dict(NO_ADDRESS),
        "email": email,
        "name": name,
        "tax_exempt": "none",
        "tax_ids": [],
    }


def line(books: Books, price: Obj, quantity: int, description: str, amount: int) -> Obj:
    """A line of a session; `amount` in minor units, before discounts."""
    return {
        **nulls("adjustable_quantity"),
        "id": books.new_id("item"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": description,
        "metadata": {},
        "price": price,
        "quantity": quantity,
    }


def invoice_creation() -> Obj:
    """The session makes an invoice once it is paid."""
    more = "account_tax_ids custom_fields description footer issuer rendering_options"
    return {"enabled": True, "invoice_data": {**nulls(more), "metadata": {}}}
