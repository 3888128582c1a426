"""From an event's type to the object it hints at, and why we listen. Nothing is read from Stripe.

Types that are not in the table are answered 2xx and counted. How the object is found: `targets`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.events.targets import (
    Payload,
    Target,
    find_charge,
    find_customer,
    find_dispute,
    find_entitled,
    find_invoice,
    find_paid_invoice,
    find_payment_intent,
    find_refund,
    find_scheduled,
    find_session,
    find_subscription,
)
from shared.inbox import BUYER_WAITS, NO_HURRY, NORMAL


@dataclass(frozen=True, slots=True)
class Hint:
    """What to find in a payload, why we listen, and how urgent it is (0 first).

    `nothing` says why an event without a find is ignored. `follows` are the only fields whose
    change matters, where Stripe tells what changed: our own writes of metadata echo as events.
    """

    find: Callable[[Payload], Target | None]
    why: str
    urgency: int = NORMAL
    nothing: str = "names no object that a sale could hang on"
    follows: frozenset[str] = frozenset()


def _bare(why: str) -> Hint:
    nothing = "its metadata names no price, so it is no sale by itself"
    return Hint(find_payment_intent, why, NO_HURRY, nothing)


_PAID = "a paid period moves the end of access"
_UNPAID = "what was not paid must not be held"
_CHANGED = "status, items and periods decide what the buyer holds"
_BARE = "a payment without a checkout or an invoice may be a sale of its own"
_REFUNDED = "money that goes back takes what it paid for along"
_DISPUTED = "while a payment is disputed its license may be held"
_SCHEDULED = "a schedule decides when a subscription changes and ends"

UNINSTALLED = "account.application.deauthorized"  # told of an account, to our app alone

ROUTES: dict[str, Hint] = {
    UNINSTALLED: Hint(
        lambda _: None,
        "the account that uninstalled our app is served no more",
        nothing="it tells of an account, not of a sale",
    ),
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
    "invoice.overpaid": Hint(find_invoice, _PAID),
    "invoice_payment.paid": Hint(find_paid_invoice, _PAID),
    "payment_intent.succeeded": _bare(_BARE),
    "payment_intent.payment_failed": _bare(_BARE),
    "payment_intent.canceled": _bare(_BARE),
    "charge.refunded": Hint(find_charge, _REFUNDED),
    "charge.refund.updated": Hint(find_refund, _REFUNDED),
    "refund.created": Hint(find_refund, _REFUNDED),
    "refund.updated": Hint(find_refund, _REFUNDED),
    "refund.failed": Hint(find_refund, "the money was not given back after all"),
    "charge.dispute.created": Hint(find_dispute, _DISPUTED),
    "charge.dispute.updated": Hint(find_dispute, _DISPUTED),
    "charge.dispute.closed": Hint(find_dispute, "won, lost or withdrawn decides what is held"),
    "charge.dispute.funds_withdrawn": Hint(find_dispute, _DISPUTED),
    "charge.dispute.funds_reinstated": Hint(find_dispute, _DISPUTED),
    "customer.updated": Hint(
        find_customer,
        "name and e-mail of the buyer follow",
        NO_HURRY,
        follows=frozenset({"name", "email"}),
    ),
    "customer.deleted": Hint(find_customer, "a buyer who is gone is a fact to keep", NO_HURRY),
    "entitlements.active_entitlement_summary.updated": Hint(
        find_entitled, "what Stripe entitles to decides the features of a license"
    ),
    "subscription_schedule.created": Hint(find_scheduled, _SCHEDULED),
    "subscription_schedule.updated": Hint(find_scheduled, _SCHEDULED),
    "subscription_schedule.expiring": Hint(find_scheduled, _SCHEDULED),
    "subscription_schedule.released": Hint(find_scheduled, _SCHEDULED),
    "subscription_schedule.completed": Hint(find_scheduled, _SCHEDULED),
    "subscription_schedule.canceled": Hint(find_scheduled, _SCHEDULED),
    "subscription_schedule.aborted": Hint(find_scheduled, _SCHEDULED),
}
