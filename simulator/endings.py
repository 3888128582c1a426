"""Ends of subscriptions: now, at the period's end, at a moment; and taken back.

`canceled_at` is when it was asked for, `cancel_at` when it will end, `ended_at` when it did.
"""

from __future__ import annotations

from typing import Any

from simulator.books import Books
from simulator.errors import bad_parameter
from simulator.invoices import stop_collecting
from simulator.schedule_ends import stop_with
from simulator.values import Obj

ENDED = ("canceled", "incomplete_expired")
NAMED = {"min_period_end": min, "max_period_end": max}


def cancel(books: Books, subscription: Obj, reason: str | None = "cancellation_requested") -> Obj:
    """End it now. What is paid stays paid; nobody is given money back."""
    refuse_ended(subscription)
    subscription.update(
        status="canceled",
        canceled_at=subscription["canceled_at"] or books.now,
        ended_at=books.now,
        pause_collection=None,
        pending_update=None,
    )
    subscription["cancellation_details"]["reason"] = reason
    books.agreed.pending.pop(subscription["id"], None)
    books.agreed.waiting.pop(subscription["id"], None)
    stop_collecting(books, subscription["id"])
    stop_with(books, subscription)
    books.emit("customer.subscription.deleted", subscription)
    return subscription


def due(books: Books, subscription: Obj) -> int | None:
    """When it ends by itself."""
    ended = subscription["status"] in (*ENDED, "incomplete")
    moment: int | None = None if ended else subscription["cancel_at"]
    return moment


def end_with_period(books: Books, subscription: Obj, *, wanted: bool) -> None:
    """At the end of the period that ends first, or not at all. Use inside `changing`."""
    _end_at(books, subscription, min(_ends(books, subscription)) if wanted else None)
    subscription["cancel_at_period_end"] = wanted


def end_at(books: Books, subscription: Obj, given: Any) -> None:
    """A moment to come, a name of one, or "" to take it back. Use inside `changing`."""
    if given == "":
        _end_at(books, subscription, None)
    elif given in NAMED:
        _end_at(books, subscription, NAMED[given](_ends(books, subscription)))
    else:
        _end_at(books, subscription, _timestamp(given))
    subscription["cancel_at_period_end"] = False


def refuse_ended(subscription: Obj) -> None:
    if subscription["status"] in ENDED:
        text = f"{subscription['id']} has ended and can't be changed any more."
        raise bad_parameter("id", text)


def _end_at(books: Books, subscription: Obj, moment: int | None) -> None:
    if moment is not None and moment <= books.now:  # paused, and its period has run out
        raise bad_parameter("cancel_at", f"{subscription['id']} must end in the future.")
    subscription["cancel_at"] = moment
    subscription["canceled_at"] = None if moment is None else books.now
    reason = None if moment is None else "cancellation_requested"
    subscription["cancellation_details"]["reason"] = reason


def _ends(books: Books, subscription: Obj) -> list[int]:
    return [item["current_period_end"] for item in books.children(subscription["id"], "items")]


def _timestamp(given: Any) -> int:
    try:
        return int(given)
    except (TypeError, ValueError) as wrong:
        raise bad_parameter("cancel_at", f"Invalid timestamp: {given}") from wrong
