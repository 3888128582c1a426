"""What an invoice's payment, or its failure, makes of the subscription. No money moves here."""

from __future__ import annotations

from simulator.books import Books
from simulator.changes import apply_change
from simulator.updates import changing
from simulator.values import Obj

CURED = {"incomplete": "active", "past_due": "active", "unpaid": "active"}


def after_payment(books: Books, subscription: Obj, invoice: Obj) -> None:
    """The newest invoice decides; older ones may be paid or not."""
    if books.agreed.resuming.get(subscription["id"]) == invoice["id"]:
        resumed(books, subscription)
    change = books.agreed.pending.get(subscription["id"])
    if change is not None and change.invoice == invoice["id"]:
        del books.agreed.pending[subscription["id"]]
        shown = subscription["pending_update"] is not None
        with changing(books, subscription):
            subscription["pending_update"] = None
            apply_change(books, subscription, change)
        if shown:
            books.emit("customer.subscription.pending_update_applied", subscription)
    if not _owes_newer(books, subscription, invoice):
        _cure(books, subscription)


def after_failure(books: Books, subscription: Obj, invoice: Obj) -> None:
    """An active one is past due, unless what failed is a change that is not made yet."""
    change = books.agreed.pending.get(subscription["id"])
    if change is not None and change.invoice in (None, invoice["id"]):
        return
    if subscription["status"] == "active":
        with changing(books, subscription):
            subscription["status"] = "past_due"


def after_closing(books: Books, subscription: Obj, invoice: Obj) -> None:
    """With its newest invoice void or written off, a subscription owes nothing now."""
    waits = books.agreed.resuming.get(subscription["id"]) == invoice["id"]
    if waits and invoice["status"] == "uncollectible":
        resumed(books, subscription)
    _cure(books, subscription)


def paused(books: Books, subscription: Obj, reason: str) -> None:
    """The status, and why. No period begins and nothing is billed until it is resumed."""
    with changing(books, subscription):
        subscription["status"] = "paused"
        subscription["status_details"] = {
            "paused": {
                "subscription": {"type": reason},
                "transitioned_at": books.now,
                "type": "subscription",
            }
        }
    books.emit("customer.subscription.paused", subscription)


def resumed(books: Books, subscription: Obj) -> None:
    books.agreed.resuming.pop(subscription["id"], None)
    with changing(books, subscription):
        subscription.update(status="active", status_details=None)
    books.emit("customer.subscription.resumed", subscription)


def _cure(books: Books, subscription: Obj) -> None:
    with changing(books, subscription):
        subscription["status"] = CURED.get(subscription["status"], subscription["status"])


def _owes_newer(books: Books, subscription: Obj, invoice: Obj) -> bool:
    newer = (one for one in books.all("invoice") if one["created"] > invoice["created"])
    return any(
        one["status"] == "open" and subscription_id(one) == subscription["id"] for one in newer
    )


def subscription_id(invoice: Obj) -> str | None:
    """None for an invoice of no subscription."""
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    found: str | None = details.get("subscription")
    return found
