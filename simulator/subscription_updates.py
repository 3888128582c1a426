"""`POST /v1/subscriptions/{id}`: everything that can be changed, in one request and one event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator import endings, trials
from simulator.billing import collect
from simulator.books import Books
from simulator.changes import Change, apply_change
from simulator.errors import StripeFault, bad_parameter
from simulator.invoices import draft
from simulator.items import asked_change
from simulator.params import Params
from simulator.pauses import collection_wish
from simulator.pending import show_pending
from simulator.prorations import hold, rows_of
from simulator.updates import changing, written
from simulator.values import Obj
from simulator.writeoffs import void

PRORATIONS = ("create_prorations", "always_invoice", "none")
UNTIL_PAID = ("pending_if_incomplete", "error_if_incomplete")
IGNORED = ("default_payment_method", "off_session", "proration_date", "payment_settings")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request asks for beside plain fields; None where it says nothing."""

    change: Change | None = None
    prorate: str = PRORATIONS[0]
    payment: str = "allow_incomplete"  # `payment_behavior`
    trial_end: int | None = None
    pause_collection: Any = None
    cancel_at: Any = None
    with_period: bool | None = None  # `cancel_at_period_end`

    @property
    def touches_billing(self) -> bool:
        asked = (self.change, self.trial_end, self.pause_collection, self.cancel_at)
        return self.with_period is not None or any(one is not None for one in asked)


def update_subscription(books: Books, subscription: Obj, params: Params) -> Obj:
    """All or nothing; what is to be paid at once is asked for afterwards."""
    wish = _read(books, subscription, params)
    details = _details(subscription, params)
    values = written(subscription, params)
    params.refuse_unknown()
    if wish.touches_billing:
        _refuse_unchangeable(subscription, wish)
    if wish.pause_collection is not None:
        values["pause_collection"] = collection_wish(wish.pause_collection)
    with changing(books, subscription):
        _set_end(books, subscription, wish)  # first, as it may refuse
        reason = subscription["cancellation_details"]["reason"]
        details["cancellation_details"]["reason"] = reason
        subscription.update(values | details)
        invoice = rebill(books, subscription, wish)
    if invoice is not None:
        _collect(books, subscription, invoice, wish)
    return subscription


def _read(books: Books, subscription: Obj, params: Params) -> Wish:
    for name in IGNORED:  # who pays, and how exactly to the second, makes no difference here
        params.take(name)
    rows, trial_end = params.rows("items"), params.take("trial_end")
    prorate = str(params.text("proration_behavior", PRORATIONS[0]))
    if prorate not in PRORATIONS:
        raise bad_parameter("proration_behavior", f"Invalid value: one of {PRORATIONS}")
    flag = params.flag("cancel_at_period_end", default=subscription["cancel_at_period_end"])
    return Wish(
        asked_change(books, subscription, rows) if rows else None,
        prorate,
        str(params.text("payment_behavior", "allow_incomplete")),
        None if trial_end is None else trials.moment_of(books, trial_end),
        params.take("pause_collection"),
        params.take("cancel_at"),
        flag if flag != subscription["cancel_at_period_end"] else None,
    )


def _details(subscription: Obj, params: Params) -> Obj:
    """What a cancellation was for, and what a trial's end does."""
    details = params.group("cancellation_details")
    said = {name: details.take(name) for name in ("comment", "feedback")}
    details.refuse_unknown()
    given = {name: value or None for name, value in said.items() if value is not None}
    changed: Obj = {"cancellation_details": {**subscription["cancellation_details"], **given}}
    if (settings := params.group_or_none("trial_settings")) is not None:
        changed["trial_settings"] = trials.settings(settings)
    return changed


def _set_end(books: Books, subscription: Obj, wish: Wish) -> None:
    if wish.cancel_at is not None:
        endings.end_at(books, subscription, wish.cancel_at)
    elif wish.with_period is not None:
        endings.end_with_period(books, subscription, wanted=wish.with_period)


def rebill(books: Books, subscription: Obj, wish: Wish) -> Obj | None:
    """Change trial and items; the draft of what is due now, if anything is.

    Use inside `changing`.
    """
    now = []
    if wish.trial_end is not None:
        now += trials.move_end(books, subscription, wish.trial_end)
    waits = wish.payment in UNTIL_PAID
    if wish.change is not None:
        rows = rows_of(books, subscription, wish.change)
        rows = [row for row in rows if not (row.proration and wish.prorate == "none")]
        if wish.prorate == "always_invoice" or any(not row.proration for row in rows):
            now += rows
        else:
            hold(books, subscription, rows)
        if not (waits and now):
            apply_change(books, subscription, wish.change)
    if not now:
        return None
    invoice = draft(books, subscription, now, "subscription_update")
    if waits and wish.change is not None:
        wish.change.invoice = invoice["id"]
        books.agreed.pending[subscription["id"]] = wish.change
    return invoice


def _collect(books: Books, subscription: Obj, invoice: Obj, wish: Wish) -> None:
    if collect(books, invoice) or wish.change is None:
        return
    if wish.payment == "pending_if_incomplete":
        show_pending(books, subscription, wish.change)
    elif wish.payment == "error_if_incomplete":
        del books.agreed.pending[subscription["id"]]
        void(books, invoice)
        raise StripeFault(402, "Your card was declined.", type="card_error", code="card_declined")


def _refuse_unchangeable(subscription: Obj, wish: Wish) -> None:
    endings.refuse_ended(subscription)
    if subscription["status"] == "incomplete":
        text = f"{subscription['id']} is incomplete: only its metadata can be changed."
        raise bad_parameter("id", text)
    if subscription["status"] == "paused" and wish.trial_end is not None:
        raise bad_parameter("trial_end", f"{subscription['id']} is paused: resume it first.")
    if subscription["pending_update"] is not None:
        text = f"{subscription['id']} has a pending update, which comes first."
        raise bad_parameter("id", text)
