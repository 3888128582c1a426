"""Subscription schedules and their phases, in the shape of API version 2026-10-28.endive."""

from __future__ import annotations

from simulator.books import Books
from simulator.values import Obj, nulls


def schedule(books: Books, customer: str, end_behavior: str) -> Obj:
    """Not started, and without a phase yet."""
    return {
        **nulls("application canceled_at completed_at current_phase customer_account released_at"),
        **nulls("released_subscription subscription test_clock"),
        "id": books.new_id("subscription_schedule"),
        "object": "subscription_schedule",
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "created": books.now,
        "customer": customer,
        "default_settings": {
            **nulls("application_fee_percent billing_thresholds default_payment_method"),
            **nulls("description on_behalf_of transfer_data"),
            "automatic_tax": {**nulls("disabled_reason liability"), "enabled": False},
            "billing_cycle_anchor": "automatic",
            "collection_method": "charge_automatically",
            "invoice_settings": {
                **nulls("account_tax_ids custom_fields days_until_due description footer"),
                "issuer": {"type": "self"},
            },
        },
        "end_behavior": end_behavior,
        "livemode": books.livemode,
        "metadata": {},
        "pause_schedules": [],
        "phases": [],
        "status": "not_started",
    }


def phase(currency: str, items: list[Obj], start: int, end: int) -> Obj:
    """From `start` to `end`, in seconds since 1970."""
    return {
        **nulls("application_fee_percent automatic_tax billing_cycle_anchor billing_thresholds"),
        **nulls("collection_method default_payment_method description invoice_settings"),
        **nulls("on_behalf_of transfer_data trial_end"),
        "add_invoice_items": [],
        "currency": currency,
        "default_tax_rates": [],
        "discounts": [],
        "end_date": end,
        "items": items,
        "metadata": {},
        "proration_behavior": "create_prorations",
        "start_date": start,
    }


def phase_item(price: str, quantity: int, metadata: dict[str, str]) -> Obj:
    return {
        **nulls("billing_thresholds"),
        "discounts": [],
        "metadata": metadata,
        "plan": price,
        "price": price,
        "quantity": quantity,
        "tax_rates": [],
    }
