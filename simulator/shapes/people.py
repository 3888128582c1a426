"""Customers and accounts, in the shape of API version 2026-10-28.endive."""

from __future__ import annotations

from simulator.books import Books
from simulator.values import Obj, listing, nulls

NO_ADDRESS = nulls("city country line1 line2 postal_code state")


def customer(books: Books, email: str | None, name: str | None) -> Obj:
    return {
        **nulls("address currency default_source description discount phone shipping test_clock"),
        "id": books.new_id("customer"),
        "object": "customer",
        "balance": 0,
        "created": books.now,
        "delinquent": False,
        "email": email,
        "invoice_prefix": books.new_id("customer")[-8:].upper(),
        "invoice_settings": nulls("custom_fields default_payment_method footer rendering_options"),
        "livemode": books.livemode,
        "metadata": {},
        "name": name,
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
    }


def card(books: Books, brand: str, last4: str) -> Obj:
    """A payment method; of the number only its last four digits are ever told."""
    return {
        **nulls("customer"),
        "id": books.new_id("payment_method"),
        "object": "payment_method",
        "billing_details": nulls("address email name phone"),
        "card": {"brand": brand, "exp_month": 8, "exp_year": 2031, "funding": "credit"}
        | {"country": "US", "last4": last4},
        "created": books.now,
        "livemode": books.livemode,
        "metadata": {},
        "type": "card",
    }


def account(account_id: str, created: int) -> Obj:
    """As `GET /v1/account` gives it; what a seller fills in is empty."""
    lists = "currently_due errors eventually_due past_due pending_verification alternatives"
    due: Obj = {
        **nulls("current_deadline disabled_reason"),
        **{name: [] for name in lists.split()},
    }
    return {
        **nulls("business_profile business_type"),
        "id": account_id,
        "object": "account",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": "US",
        "created": created,
        "default_currency": "usd",
        "details_submitted": True,
        "email": "shop@example.com",
        "external_accounts": listing([], f"/v1/accounts/{account_id}/external_accounts"),
        "future_requirements": dict(due),
        "metadata": {},
        "payouts_enabled": True,
        "requirements": dict(due),
        "settings": {"dashboard": {"display_name": "Simulated shop", "timezone": "Etc/UTC"}},
        "tos_acceptance": nulls("date ip user_agent"),
        "type": "standard",
    }


def balance_transaction(books: Books, customer: Obj, amount: int, currency: str) -> Obj:
    """A move of a customer's balance, which already has it; less than 0 is a credit."""
    return {
        **nulls("checkout_session credit_note customer_account description invoice"),
        "id": books.new_id("customer_balance_transaction"),
        "object": "customer_balance_transaction",
        "amount": amount,
        "created": books.now,
        "currency": currency,
        "customer": customer["id"],
        "ending_balance": customer["balance"],
        "livemode": books.livemode,
        "metadata": {},
        "type": "adjustment",
    }
