"""Which sale does the object in hand belong to? Only Stripe's API knows."""

from __future__ import annotations

from dataclasses import replace

from shared.keys import ObjectKind, SaleKey, StripeId
from worker.gateways.stripe import StripeGateway
from worker.snapshot.facts import Facts, id_of


def subscription_of_invoice(invoice: Facts) -> StripeId | None:
    """`parent.subscription_details.subscription`, where Stripe keeps it since basil."""
    parent = invoice.get("parent") or {}
    return id_of((parent.get("subscription_details") or {}).get("subscription"))


def subscription_of_session(session: Facts) -> StripeId | None:
    return id_of(session.get("subscription"))


def find_root(key: SaleKey, stripe: StripeGateway) -> SaleKey:
    """The sale of an invoice; any other object is its own. Raises NotFound and its relatives.

    A subscription's checkout session is told apart where the session is read anyway.
    """
    if key.kind != "invoice":
        return key
    subscription_id = subscription_of_invoice(stripe.invoice(key.account, key.id))
    return key if subscription_id is None else of_kind(key, "subscription", subscription_id)


def of_kind(key: SaleKey, kind: ObjectKind, object_id: StripeId) -> SaleKey:
    """A key of the same account and mode."""
    return replace(key, kind=kind, id=object_id)
