"""Payment intents, charges and refunds, in the shape of API version 2026-10-28.endive."""

from __future__ import annotations

from simulator.books import Books
from simulator.shapes.people import NO_ADDRESS
from simulator.values import Obj, nulls


def payment_intent(books: Books, amount: int, currency: str, customer: str | None) -> Obj:
    intent_id = books.new_id("payment_intent")
    return {
        **nulls("application application_fee_amount automatic_payment_methods canceled_at"),
        **nulls("cancellation_reason customer_account description excluded_payment_method_types"),
        **nulls("last_payment_error latest_charge managed_payments next_action on_behalf_of"),
        **nulls("payment_method payment_method_configuration_details processing receipt_email"),
        **nulls("review setup_future_usage shipping source statement_descriptor"),
        **nulls("statement_descriptor_suffix transfer_data transfer_group"),
        "id": intent_id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": "automatic",
        "client_secret": f"{intent_id}_secret_{books.new_id('customer')[4:]}",
        "confirmation_method": "automatic",
        "created": books.now,
        "currency": currency,
        "customer": customer,
        "livemode": books.livemode,
        "metadata": {},
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
    }


def charge(books: Books, intent: Obj, *, paid: bool) -> Obj:
    return {
        **nulls("application application_fee application_fee_amount"),
        **nulls("calculated_statement_descriptor description failure_balance_transaction"),
        **nulls("failure_code failure_message on_behalf_of receipt_email receipt_number"),
        **nulls("receipt_url review shipping source source_transfer statement_descriptor"),
        **nulls("statement_descriptor_suffix transfer_data transfer_group"),
        "id": books.new_id("charge"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if paid else 0,
        "amount_refunded": 0,
        "balance_transaction": books.new_id("balance_transaction") if paid else None,
        "billing_details": {**nulls("email name phone tax_id"), "address": dict(NO_ADDRESS)},
        "captured": paid,
        "created": books.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "disputed": False,
        "fraud_details": {},
        "livemode": books.livemode,
        "metadata": dict(intent["metadata"]),
        "outcome": _outcome(paid=paid),
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": books.new_id("payment_method"),
        "payment_method_details": {"card": _card(), "type": "card"},
        "refunded": False,
        "status": "succeeded" if paid else "failed",
    }


def refund(books: Books, charge: Obj, amount: int) -> Obj:
    return {
        **nulls("balance_transaction customer customer_account payment_method reason"),
        **nulls("receipt_number source_transfer_reversal transfer_reversal"),
        "id": books.new_id("refund"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": books.now,
        "currency": charge["currency"],
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "status": "succeeded",
    }


def _outcome(*, paid: bool) -> Obj:
    return {
        **nulls("advice_code network_advice_code network_decline_code reason"),
        "network_status": "approved_by_network" if paid else "declined_by_network",
        "seller_message": "Payment complete." if paid else "The bank declined the payment.",
        "type": "authorized" if paid else "issuer_declined",
    }


def _card() -> Obj:
    return {
        "brand": "visa",
        "country": "US",
        "exp_month": 8,
        "exp_year": 2030,
        "funding": "credit",
        "last4": "4242",
        "network": "visa",
    }
