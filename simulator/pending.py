"""Updates that wait for their payment: kept aside, applied when paid, dropped after 23 hours.

Source: docs.stripe.com/billing/subscriptions/pending-updates
"""

from __future__ import annotations

from simulator.books import Books
from simulator.changes import Change
from simulator.updates import changing
from simulator.values import Obj, frozen, nulls
from simulator.writeoffs import void

EXPIRE_SECONDS = 23 * 3600


def show_pending(books: Books, subscription: Obj, change: Change) -> None:
    """The update is there for everybody to see, and not made."""
    with changing(books, subscription):
        subscription["pending_update"] = {
            **nulls("cancel_at_period_end discount discounts metadata trial_end trial_from_plan"),
            "billing_cycle_anchor": change.anchor,
            "expires_at": books.now + EXPIRE_SECONDS,
            "subscription_items": [frozen(item) for item in change.items],
        }


def deadline(books: Books, subscription: Obj) -> int | None:
    update = subscription["pending_update"]
    moment: int | None = update and update["expires_at"]
    return moment


def expire_pending(books: Books, subscription: Obj) -> None:
    """Everything stays as it was, and the invoice is void."""
    change = books.agreed.pending.pop(subscription["id"])
    invoice = books.find(change.invoice)
    if invoice is not None and invoice["status"] == "open":
        void(books, invoice)
    with changing(books, subscription):
        subscription["pending_update"] = None
    books.emit("customer.subscription.pending_update_expired", subscription)
