"""What falls due as time passes, in the order of `TURNS`. The clock is moved elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from simulator import dunning, endings, pauses, pending, trials
from simulator.billing import collect
from simulator.books import Books
from simulator.invoices import RETRY_DAYS, finalize, subscription_of, try_to_pay
from simulator.renewing import renew
from simulator.schedules import run_schedule, schedule_due
from simulator.values import Obj
from simulator.writeoffs import mark_uncollectible, void

RENEWING = ("active", "past_due", "unpaid")
DUNNED = ("active", "past_due")
INCOMPLETE_SECONDS = 23 * 3600  # then an unpaid first invoice ends the subscription


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that happens to a subscription by itself."""

    when: Callable[[Books, Obj], int | None]
    do: Callable[[Books, Obj], object]


def next_due(books: Books) -> int | None:
    """When the next thing happens by itself; None when nothing ever will."""
    return min(_moments(books), default=None)


def run_due(books: Books) -> None:
    """Do all that is due now. Afterwards nothing is due at this moment any more."""
    for schedule in list(books.all("subscription_schedule")):
        run_schedule(books, schedule)
    for subscription in list(books.all("subscription")):
        for turn in TURNS:
            moment = turn.when(books, subscription)
            if moment is not None and moment <= books.now:
                turn.do(books, subscription)
    for invoice in list(books.all("invoice")):
        _run_invoice(books, invoice)


def first_payment_due(books: Books, subscription: Obj) -> int | None:
    waits = subscription["status"] == "incomplete"
    return subscription["created"] + INCOMPLETE_SECONDS if waits else None


def expire(books: Books, subscription: Obj) -> None:
    """Nobody paid the first invoice within 23 hours."""
    void(books, books.get("invoice", subscription["latest_invoice"]))


def period_over(books: Books, subscription: Obj) -> int | None:
    """When the item whose period ends first renews."""
    if subscription["status"] not in RENEWING:
        return None
    items = books.children(subscription["id"], "items")
    return min((item["current_period_end"] for item in items), default=None)


# An end comes before what would begin at the same moment.
TURNS = (
    Turn(first_payment_due, expire),
    Turn(pending.deadline, pending.expire_pending),
    Turn(pauses.resume_deadline, pauses.give_up_resuming),
    Turn(pauses.collection_due, pauses.collect_again),
    Turn(endings.due, endings.cancel),
    Turn(trials.warning_due, trials.warn),
    Turn(trials.over, trials.end),
    Turn(period_over, renew),
)


def _moments(books: Books) -> Iterator[int]:
    for schedule in books.all("subscription_schedule"):
        if (moment := schedule_due(schedule)) is not None:
            yield moment
    for subscription in books.all("subscription"):
        for turn in TURNS:
            if (moment := turn.when(books, subscription)) is not None:
                yield moment
    for invoice in books.all("invoice"):
        if (moment := _invoice_moment(invoice)) is not None:
            yield moment


def _invoice_moment(invoice: Obj) -> int | None:
    if invoice["status"] == "draft":
        moment: int | None = invoice["automatically_finalizes_at"]
        return moment
    return invoice["next_payment_attempt"] if invoice["status"] == "open" else None


def _run_invoice(books: Books, invoice: Obj) -> None:
    moment = _invoice_moment(invoice)
    if moment is None or moment > books.now:
        return
    subscription = subscription_of(books, invoice)
    wish = subscription and subscription["pause_collection"]
    if invoice["status"] == "open":
        paid = try_to_pay(books, invoice)
    elif wish and wish["behavior"] != "keep_as_draft":
        _close(books, invoice, wish["behavior"])
        return
    else:
        paid = collect(books, invoice)
    exhausted = invoice["attempt_count"] > len(RETRY_DAYS)
    if not paid and exhausted and subscription and subscription["status"] in DUNNED:
        dunning.give_up(books, subscription)


def _close(books: Books, invoice: Obj, behavior: str) -> None:
    """While collecting is paused, nobody is asked for what an invoice says."""
    finalize(books, invoice)
    (void if behavior == "void" else mark_uncollectible)(books, invoice)
