"""What becomes of a subscription when the last attempt failed. A setting of the account.

Source: docs.stripe.com/billing/revenue-recovery
"""

from __future__ import annotations

from simulator.books import Books
from simulator.endings import cancel
from simulator.statuses import paused
from simulator.updates import changing
from simulator.values import Obj

OUTCOMES = ("canceled", "unpaid", "past_due", "paused")


def give_up(books: Books, subscription: Obj) -> None:
    """All attempts are used up."""
    outcome = books.agreed.after_last_attempt
    if outcome == "canceled":
        cancel(books, subscription, "payment_failed")
    elif outcome == "paused":
        paused(books, subscription, "final_payment_failure")
    else:
        with changing(books, subscription):
            subscription["status"] = outcome
