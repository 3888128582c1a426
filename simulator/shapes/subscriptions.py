"""Subscriptions (flexible billing) and their items, in the shape of 2026-10-28.endive."""

from __future__ import annotations

from simulator.books import Books
from simulator.clock import next_boundary
from simulator.shapes.catalog import plan
from simulator.values import Obj, listing, nulls


def subscription(books: Books, customer: str, currency: str) -> Obj:
    subscription_id = books.new_id("subscription")
    return {
        **nulls("application application_fee_percent billing_cycle_anchor_config"),
        **nulls("billing_schedules billing_thresholds cancel_at canceled_at customer_account"),
        **nulls("days_until_due default_payment_method default_source description ended_at"),
        **nulls("latest_invoice managed_payments next_pending_invoice_item_invoice on_behalf_of"),
        **nulls("pause_collection pending_invoice_item_interval pending_setup_intent"),
        **nulls("pending_update schedule status_details test_clock transfer_data trial_end"),
        **nulls("trial_start"),
        "id": subscription_id,
        "object": "subscription",
        "automatic_tax": {**nulls("disabled_reason liability"), "enabled": False},
        "billing_cycle_anchor": books.now,
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "cancel_at_period_end": False,
        "cancellation_details": nulls("comment feedback reason"),
        "collection_method": "charge_automatically",
        "created": books.now,
        "currency": currency,
        "customer": customer,
        "default_tax_rates": [],
        "discounts": [],
        "invoice_settings": {
            **nulls("account_tax_ids custom_fields description footer"),
            "issuer": {"type": "self"},
        },
        "items": listing([], f"/v1/subscription_items?subscription={subscription_id}"),
        "livemode": books.livemode,
        "metadata": {},
        "payment_settings": {
            **nulls("payment_method_options payment_method_types"),
            "save_default_payment_method": "off",
        },
        "start_date": books.now,
        "status": "incomplete",
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
    }


def item(books: Books, subscription: Obj, price: Obj, quantity: int) -> Obj:
    """An item with a period of its own: the trial, or one counted from the common anchor."""
    terms = price["recurring"]
    anchor = subscription["billing_cycle_anchor"]
    end = next_boundary(anchor, terms["interval"], terms["interval_count"], books.now)
    if subscription["status"] == "trialing":
        end = subscription["trial_end"]
    return {
        **nulls("billing_thresholds"),
        "id": books.new_id("subscription_item"),
        "object": "subscription_item",
        "created": books.now,
        "current_period_end": end,
        "current_period_start": books.now,
        "discounts": [],
        "metadata": {},
        "plan": plan(price),
        "price": price,
        "quantity": quantity,
        "subscription": subscription["id"],
        "tax_rates": [],
    }
