"""What falls due as time passes: renewals, retries, ends. The clock is moved elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.books import Books
from simulator.clock import next_boundary
from simulator.invoices import RETRY_DAYS, draft, finalize, subscription_of, try_to_pay
from simulator.subscriptions import cancel
from simulator.updates import changing
from simulator.values import Obj

RENEWING = ("active", "past_due")
INCOMPLETE_SECONDS = 23 * 3600  # then an unpaid first invoice ends the subscription


def next_due(books: Books) -> int | None:
    """When the next thing happens by itself; None when nothing ever will."""
    return min(_moments(books), default=None)


def run_due(books: Books) -> None:
    """Do all that is due now. Afterwards nothing is due at this moment any more."""
    for subscription in list(books.all("subscription")):
        _run_subscription(books, subscription)
    for invoice in list(books.all("invoice")):
        _run_invoice(books, invoice)


def _moments(books: Books) -> Iterator[int]:
    for subscription in books.all("subscription"):
        yield from _subscription_moments(books, subscription)
    for invoice in books.all("invoice"):
        moment = _invoice_moment(invoice)
        if moment is not None:
            yield moment


def _subscription_moments(books: Books, subscription: Obj) -> Iterator[int]:
    if subscription["status"] == "incomplete":
        yield subscription["created"] + INCOMPLETE_SECONDS
    if subscription["status"] in RENEWING:
        yield from (
            item["current_period_end"] for item in books.children(subscription["id"], "items")
        )
        if subscription["cancel_at"] is not None:
            yield subscription["cancel_at"]


def _invoice_moment(invoice: Obj) -> int | None:
    if invoice["status"] == "draft":
        moment: int | None = invoice["automatically_finalizes_at"]
        return moment
    return invoice["next_payment_attempt"] if invoice["status"] == "open" else None


def _run_subscription(books: Books, subscription: Obj) -> None:
    moments = list(_subscription_moments(books, subscription))
    if not moments or min(moments) > books.now:
        return
    if subscription["status"] == "incomplete":
        _expire(books, subscription)
    elif subscription["cancel_at"] is not None and subscription["cancel_at"] <= books.now:
        cancel(books, subscription)
    else:
        _renew(books, subscription)


def _renew(books: Books, subscription: Obj) -> None:
    """Items whose period is over get the next one, all on one draft."""
    with changing(books, subscription):
        due = [
            item
            for item in books.children(subscription["id"], "items")
            if item["current_period_end"] <= books.now
        ]
        for item in due:
            _roll(item, subscription["billing_cycle_anchor"])
        draft(books, subscription, due, "subscription_cycle")


def _roll(item: Obj, anchor: int) -> None:
    start, terms = item["current_period_end"], item["price"]["recurring"]
    end = next_boundary(anchor, terms["interval"], terms["interval_count"], start)
    item.update(current_period_start=start, current_period_end=end)


def _expire(books: Books, subscription: Obj) -> None:
    """Nobody paid the first invoice within 23 hours."""
    invoice = books.get("invoice", subscription["latest_invoice"])
    invoice.update(status="void", next_payment_attempt=None)
    invoice["status_transitions"]["voided_at"] = books.now
    books.emit("invoice.voided", invoice)
    with changing(books, subscription):
        subscription.update(status="incomplete_expired", ended_at=books.now)


def _run_invoice(books: Books, invoice: Obj) -> None:
    moment = _invoice_moment(invoice)
    if moment is None or moment > books.now:
        return
    if invoice["status"] == "draft":
        finalize(books, invoice)
    paid = try_to_pay(books, invoice)
    subscription = subscription_of(books, invoice)
    exhausted = invoice["attempt_count"] > len(RETRY_DAYS)
    if not paid and exhausted and subscription and subscription["status"] in RENEWING:
        cancel(books, subscription, "payment_failed")
