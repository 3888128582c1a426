"""Disputes: a buyer's bank takes money back, or only asks. Refunds are elsewhere.

Source: docs.stripe.com/disputes/how-disputes-work
"""

from __future__ import annotations

from collections.abc import Mapping

from simulator.books import Books
from simulator.errors import bad_parameter
from simulator.metadata import merged
from simulator.params import Params
from simulator.shapes import disputes as shapes
from simulator.updates import changing
from simulator.values import Obj

WARNINGS = ("warning_needs_response", "warning_under_review")
ENDS: Mapping[str, tuple[str, ...]] = {  # outcome -> statuses that it may follow
    "won": ("needs_response", "under_review"),
    "lost": ("needs_response", "under_review"),
    "warning_closed": WARNINGS,
}
UNDER_REVIEW = {
    "needs_response": "under_review",
    "warning_needs_response": "warning_under_review",
}


def open_dispute(books: Books, charge: Obj, reason: str, *, warning: bool) -> Obj:
    """The bank takes the money at once; with a warning it only asks, and takes nothing."""
    if not charge["captured"]:
        raise bad_parameter("charge", f"{charge['id']} was not paid, so nobody can dispute it.")
    dispute = books.add(shapes.dispute(books, charge, reason, warning=warning))
    charge["disputed"] = True
    if not warning:
        withdrawn = shapes.balance_transaction(books, dispute, -dispute["amount"])
        dispute["balance_transactions"].append(withdrawn)
    books.emit("charge.dispute.created", dispute)
    if not warning:
        books.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close(books: Books, dispute: Obj, outcome: str) -> Obj:
    """The end. What was taken comes back when it is won; the charge stays `disputed`."""
    before = dispute["status"]
    if before not in ENDS.get(outcome, ()):
        text = f"{dispute['id']} is {before} and can't become {outcome}."
        raise bad_parameter("dispute", text)
    dispute["status"] = outcome
    books.emit("charge.dispute.closed", dispute, {"status": before})
    if outcome == "won":
        back = shapes.balance_transaction(books, dispute, dispute["amount"])
        dispute["balance_transactions"].append(back)
        books.emit("charge.dispute.funds_reinstated", dispute)
    return dispute


def withdraw(books: Books, dispute: Obj) -> Obj:
    """The buyer takes it back. Stripe has no status for that: the seller has won."""
    return close(books, dispute, "warning_closed" if dispute["status"] in WARNINGS else "won")


def answer(books: Books, dispute: Obj) -> Obj:
    """The seller's evidence goes to the bank."""
    under_review = UNDER_REVIEW.get(dispute["status"])
    if under_review is None:
        text = f"{dispute['id']} is {dispute['status']} and takes no evidence any more."
        raise bad_parameter("dispute", text)
    with changing(books, dispute):
        dispute["status"] = under_review
        dispute["evidence_details"]["has_evidence"] = True
        dispute["evidence_details"]["submission_count"] += 1
    return dispute


def update_dispute(books: Books, dispute: Obj, params: Params) -> Obj:
    """As `POST /v1/disputes/{id}`: evidence, sent to the bank with `submit`, and metadata."""
    evidence = params.group("evidence")
    given = {name: evidence.text(name) for name in shapes.EVIDENCE}
    evidence.refuse_unknown()
    metadata = merged(dispute["metadata"], params.take("metadata") or {})
    submit = params.flag("submit", default=True)
    params.refuse_unknown()
    written = {name: text for name, text in given.items() if text is not None}
    with changing(books, dispute):
        dispute["metadata"] = metadata
        dispute["evidence"] |= written
    return answer(books, dispute) if written and submit else dispute


def accept(books: Books, dispute: Obj) -> Obj:
    """As `POST /v1/disputes/{id}/close`: the seller gives in."""
    return close(books, dispute, "lost")
