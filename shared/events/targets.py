"""Which object does a payload name? Every version's shape is read, and none is trusted.

The object is the sale itself where the payload names it, else the object in hand: the worker's
snapshot then finds the sale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from shared.keys import PRICE_NAMES, ObjectKind, StripeId, kind_of


class Payload(msgspec.Struct, frozen=True, gc=False):
    """What is read of `data.object`. Any version, any shape: nothing here is trusted."""

    id: Any = None
    mode: Any = None  # of a checkout session: payment | subscription | setup
    subscription: Any = None  # of a session; of an invoice before basil: id or expanded object
    parent: Any = None  # of an invoice since basil: {"subscription_details": {"subscription"}}
    invoice: Any = None  # of an invoice payment
    payment_intent: Any = None  # of a charge, refund or dispute
    charge: Any = None  # of a refund or dispute
    metadata: Any = None  # of a payment intent
    customer: Any = None  # of a summary of entitlements
    released_subscription: Any = None  # of a schedule that let its subscription go


@dataclass(frozen=True, slots=True)
class Target:
    """The object a hint is for."""

    kind: ObjectKind
    id: StripeId


LONGEST_ID = 255  # Stripe's own limit for ids


def _id(value: Any) -> StripeId | None:
    """An id, plain or of an expanded object; None for whatever else stands there."""
    found = value.get("id") if isinstance(value, dict) else value
    if isinstance(found, str) and 0 < len(found) <= LONGEST_ID and "\0" not in found:
        return StripeId(found)
    return None


def _target(kind: ObjectKind, value: Any) -> Target | None:
    found = _id(value)
    return Target(kind, found) if found else None


def find_session(payload: Payload) -> Target | None:
    """A subscription-mode session is its subscription; a setup session sells nothing."""
    if payload.mode == "setup":
        return None
    return _target("subscription", payload.subscription) or _target("checkout_session", payload.id)


def find_subscription(payload: Payload) -> Target | None:
    return _target("subscription", payload.id)


def find_invoice(payload: Payload) -> Target | None:
    """The subscription that an invoice bills, in the old or the new place, else the invoice."""
    parent = payload.parent if isinstance(payload.parent, dict) else {}
    details = parent.get("subscription_details")
    named = details.get("subscription") if isinstance(details, dict) else None
    return (
        _target("subscription", named)
        or _target("subscription", payload.subscription)
        or _target("invoice", payload.id)
    )


def find_paid_invoice(payload: Payload) -> Target | None:
    """An invoice payment names only its invoice."""
    return _target("invoice", payload.invoice)


def find_payment_intent(payload: Payload) -> Target | None:
    """Only one whose metadata names a price sells something by itself."""
    metadata = payload.metadata if isinstance(payload.metadata, dict) else {}
    named = any(metadata.get(name) for name in PRICE_NAMES)
    return _target("payment_intent", payload.id) if named else None


def find_charge(payload: Payload) -> Target | None:
    """A charge is known by its payment intent; the oldest have none."""
    return _target("payment_intent", payload.payment_intent) or _target("charge", payload.id)


def find_refund(payload: Payload) -> Target | None:
    return _money_of(payload) or _target("refund", payload.id)


def find_dispute(payload: Payload) -> Target | None:
    return _money_of(payload) or _target("dispute", payload.id)


def _money_of(payload: Payload) -> Target | None:
    """The payment that a refund or dispute is about."""
    intent = _target("payment_intent", payload.payment_intent)
    return intent or _target("charge", payload.charge)


def find_customer(payload: Payload) -> Target | None:
    return _target("customer", payload.id)


def find_entitled(payload: Payload) -> Target | None:
    """A summary of entitlements has no id of its own, only its customer's."""
    return _target("customer", payload.customer)


def find_scheduled(payload: Payload) -> Target | None:
    """The subscription that a schedule drives, or drove until it was released."""
    subscription = _target("subscription", payload.subscription)
    return subscription or _target("subscription", payload.released_subscription)


def find_related(object_id: str) -> Target | None:
    """A thin event names its object by id alone; the prefix tells the kind."""
    kind = kind_of(object_id)
    return Target(kind, StripeId(object_id)) if kind else None
