"""From an event's type to the object it hints at, and why we listen. Nothing is read from Stripe.

The object is the sale itself where the payload names it, else the object in hand: the worker's
snapshot then finds the sale. Types that are not in the table are answered 2xx and counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from shared.inbox import BUYER_WAITS, NORMAL
from shared.keys import ObjectKind, StripeId, kind_of


class Payload(msgspec.Struct, frozen=True, gc=False):
    """What is read of `data.object`. Any version, any shape: nothing here is trusted."""

    id: Any = None
    mode: Any = None  # of a checkout session: payment | subscription | setup
    subscription: Any = None  # of a session; of an invoice before basil: id or expanded object
    parent: Any = None  # of an invoice since basil: {"subscription_details": {"subscription"}}
    invoice: Any = None  # of an invoice payment


@dataclass(frozen=True, slots=True)
class Target:
    """The object a hint is for."""

    kind: ObjectKind
    id: StripeId


@dataclass(frozen=True, slots=True)
class Hint:
    """What to find in a payload, why we listen, and how urgent it is (0 first)."""

    find: Callable[[Payload], Target | None]
    why: str
    urgency: int = NORMAL


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


_PAID = "a paid period moves the end of access"
_UNPAID = "what was not paid must not be held"
_CHANGED = "status, items and periods decide what the buyer holds"

ROUTES: dict[str, Hint] = {
    "checkout.session.completed": Hint(find_session, "a buyer is back and waits", BUYER_WAITS),
    "checkout.session.async_payment_succeeded": Hint(
        find_session, "the money of a slow payment method is there", BUYER_WAITS
    ),
    "checkout.session.async_payment_failed": Hint(find_session, "the awaited money won't come"),
    "checkout.session.expired": Hint(find_session, "closes a session that was never paid"),
    "customer.subscription.created": Hint(find_subscription, "may come before its session"),
    "customer.subscription.updated": Hint(find_subscription, _CHANGED),
    "customer.subscription.deleted": Hint(find_subscription, "the subscription has ended"),
    "customer.subscription.paused": Hint(find_subscription, _CHANGED),
    "customer.subscription.resumed": Hint(find_subscription, _CHANGED),
    "customer.subscription.pending_update_applied": Hint(find_subscription, _CHANGED),
    "customer.subscription.pending_update_expired": Hint(find_subscription, _CHANGED),
    "invoice.paid": Hint(find_invoice, _PAID),
    "invoice.payment_succeeded": Hint(find_invoice, _PAID),
    "invoice.payment_failed": Hint(find_invoice, _UNPAID),
    "invoice.updated": Hint(find_invoice, "lines, periods or links to its payment changed"),
    "invoice.voided": Hint(find_invoice, _UNPAID),
    "invoice.marked_uncollectible": Hint(find_invoice, _UNPAID),
    "invoice_payment.paid": Hint(find_paid_invoice, _PAID),
}


def find_related(object_id: str) -> Target | None:
    """A thin event names its object by id alone; the prefix tells the kind."""
    kind = kind_of(object_id)
    return Target(kind, StripeId(object_id)) if kind else None
