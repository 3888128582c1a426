"""Which sale does the object in hand belong to? Only Stripe's API knows."""

from __future__ import annotations

from dataclasses import replace

from shared.keys import ObjectKind, SaleKey, StripeId
from worker.gateways.stripe import StripeGateway
from worker.snapshot.facts import Facts, id_of
from worker.snapshot.money import intents_of


def subscription_of_invoice(invoice: Facts) -> StripeId | None:
    """`parent.subscription_details.subscription`, where Stripe keeps it since basil."""
    parent = invoice.get("parent") or {}
    return id_of((parent.get("subscription_details") or {}).get("subscription"))


def subscription_of_session(session: Facts) -> StripeId | None:
    return id_of(session.get("subscription"))


def find_root(key: SaleKey, stripe: StripeGateway) -> SaleKey:
    """The sale of the object in hand; a sale is its own. Raises NotFound and its relatives.

    A subscription's checkout session is told apart where the session is read anyway.
    """
    match key.kind:
        case "refund":
            return _of_money(key, stripe.refund(key.account, key.id), stripe)
        case "dispute":
            return _of_money(key, stripe.dispute(key.account, key.id), stripe)
        case "charge":
            return _of_money(key, stripe.charge(key.account, key.id), stripe)
        case "payment_intent":
            return _of_intent(key, stripe)
        case "invoice":
            return _of_invoice(key, stripe.invoice(key.account, key.id), stripe)
        case _:
            return key


def of_kind(key: SaleKey, kind: ObjectKind, object_id: StripeId) -> SaleKey:
    """A key of the same account and mode."""
    return replace(key, kind=kind, id=object_id)


def _of_money(key: SaleKey, money: Facts, stripe: StripeGateway) -> SaleKey:
    """A refund or dispute names its payment intent, else its charge; a charge its intent."""
    intent_id, charge_id = id_of(money.get("payment_intent")), id_of(money.get("charge"))
    if intent_id is not None:
        return _of_intent(of_kind(key, "payment_intent", intent_id), stripe)
    if charge_id is not None:
        charge = of_kind(key, "charge", charge_id)
        return _of_money(charge, stripe.charge(key.account, charge_id), stripe)
    return key


def _of_intent(key: SaleKey, stripe: StripeGateway) -> SaleKey:
    """What the intent paid for: an invoice, a checkout session, or a sale of its own."""
    invoice = stripe.invoice_paid_by(key.account, key.id)
    if invoice is not None:
        return _of_invoice(of_kind(key, "invoice", invoice["id"]), invoice, stripe)
    return _session_paid_by(key, key.id, stripe) or key


def _of_invoice(key: SaleKey, invoice: Facts, stripe: StripeGateway) -> SaleKey:
    """A subscription's; else that of the session it was made for as a receipt; else its own."""
    subscription_id = subscription_of_invoice(invoice)
    if subscription_id is not None:
        return of_kind(key, "subscription", subscription_id)
    intent_ids = intents_of(invoice)
    for intent_id in intent_ids:
        session = _session_paid_by(key, intent_id, stripe)
        if session is not None:
            return session
    if intent_ids or invoice["status"] != "paid":
        return key
    return _session_over_nothing(key, invoice, stripe) or key


def _session_over_nothing(key: SaleKey, invoice: Facts, stripe: StripeGateway) -> SaleKey | None:
    """A checkout over nothing takes no payment by which its receipt could be found."""
    session = stripe.session_of_receipt(key.account, invoice) if invoice.get("customer") else None
    return None if session is None else of_kind(key, "checkout_session", StripeId(session["id"]))


def _session_paid_by(key: SaleKey, intent_id: StripeId, stripe: StripeGateway) -> SaleKey | None:
    session = stripe.session_paid_by(key.account, intent_id)
    return None if session is None else of_kind(key, "checkout_session", StripeId(session["id"]))
