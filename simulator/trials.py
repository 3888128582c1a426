"""Trials: how one begins, is told of ahead, is moved, and ends. Renewals are elsewhere.

Source: docs.stripe.com/billing/subscriptions/trials
"""

from __future__ import annotations

from simulator.books import Books
from simulator.endings import cancel
from simulator.errors import bad_parameter
from simulator.params import Params
from simulator.prorations import credit
from simulator.renewing import next_period, renew
from simulator.rows import Row, free, full
from simulator.statuses import paused
from simulator.values import Obj

WARNING_SECONDS = 3 * 24 * 3600  # `trial_will_end` comes three days ahead
MISSING = ("cancel", "create_invoice", "pause")


def begin(subscription: Obj, start: int, end: int) -> None:
    """Periods are counted from the end of the trial."""
    subscription.update(
        status="trialing", trial_start=start, trial_end=end, billing_cycle_anchor=end
    )


def warning_due(books: Books, subscription: Obj) -> int | None:
    """A short trial is told of as soon as it begins, and one that was cut short when it was."""
    end = subscription["trial_end"]
    if subscription["status"] != "trialing" or books.agreed.warned.get(subscription["id"]) == end:
        return None
    return max(int(end - WARNING_SECONDS), books.now)


def warn(books: Books, subscription: Obj) -> None:
    books.agreed.warned[subscription["id"]] = subscription["trial_end"]
    books.emit("customer.subscription.trial_will_end", subscription)


def over(books: Books, subscription: Obj) -> int | None:
    end: int | None = subscription["trial_end"]
    return end if subscription["status"] == "trialing" else None


def end(books: Books, subscription: Obj) -> None:
    """A real invoice follows, unless there is nothing to pay it with."""
    missing = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    wanting = subscription["customer"] in books.agreed.cardless
    if wanting and missing == "cancel":
        cancel(books, subscription, None)
    elif wanting and missing == "pause":
        paused(books, subscription, "trial_end_without_payment_method")
    else:
        renew(books, subscription)


def move_end(books: Books, subscription: Obj, when: int) -> list[Row]:
    """Make the trial end then; what is to be billed for it at once. Use inside `changing`."""
    items = books.children(subscription["id"], "items")
    if when > books.now:
        unused = [credit(books, subscription, item) for item in items]
        start = subscription["trial_start"] if subscription["status"] == "trialing" else books.now
        begin(subscription, start, when)
        for item in items:
            books.agreed.anchors.pop(item["id"], None)
            item.update(current_period_start=start, current_period_end=when)
        credits = [row for row in unused if row is not None]
        return [*credits, *map(free, items)] if credits else []
    if subscription["status"] != "trialing":
        return []
    subscription.update(status="active", trial_end=books.now, billing_cycle_anchor=books.now)
    for item in items:
        next_period(books, subscription, item, books.now)
    return [full(books, item) for item in items]


def moment_of(books: Books, given: object) -> int:
    """`trial_end` as the API has it: "now", or a moment that has not passed."""
    if given == "now":
        return books.now
    try:
        when = int(str(given))
    except ValueError as wrong:
        raise bad_parameter("trial_end", f"Invalid timestamp: {given}") from wrong
    if when <= books.now:
        raise bad_parameter("trial_end", "Timestamp must be in the future, or `now`.")
    return when


def settings(params: Params) -> Obj:
    """`trial_settings` as the API has it."""
    behavior = params.group("end_behavior")
    missing = behavior.text("missing_payment_method", "create_invoice")
    behavior.refuse_unknown()
    params.refuse_unknown()
    if missing not in MISSING:
        choices = ", ".join(MISSING)
        raise bad_parameter("trial_settings", f"Invalid missing_payment_method: one of {choices}")
    return {"end_behavior": {"missing_payment_method": missing}}
