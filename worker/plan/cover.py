"""Which payments of a line count, and how far they reach. Refunds and disputes take away only the
period or line that their own payment paid for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mappings.terms import Terms
from worker.plan.rules import DISPUTES, UNKNOWN_DISPUTE, DisputeState
from worker.spans import of_trial, paid_span, pays_for_time
from worker.state import Bought, Line, PaidItem, Payment

PER_CENT = 100


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Why a payment counts no more, and what that does to a license that nothing else pays for."""

    cause: str  # "refunded" | "dispute_lost"
    then: Literal["revoke", "suspend"]


@dataclass(frozen=True, slots=True)
class Cover:
    """What is left of a line's payments."""

    until: datetime | None  # end of the paid time; None = no period was paid for
    left: bool = True  # whether any payment still counts
    taken_back: TakenBack | None = None  # the last payment that counts no more
    disputed: bool = False  # an open dispute is about what the end depends on
    shorter: bool = False  # what was taken back reached further than what is left


def choose_cover(bought: Bought, line: Line, terms: Terms) -> Cover:
    """How far the line is paid for, by what was neither refunded nor lost. What paid for a change
    inside a period, and for no time, neither keeps it nor takes it away.
    """
    giving = pays_for_time([item for p in bought.payments for item in items_of(p, line)])
    paid = [p for p in bought.payments if any(item in giving for item in items_of(p, line))]
    gone = {p.id: back for p in paid if (back := taken_back(p, terms)) is not None}
    left = [p for p in paid if p.id not in gone]
    last = next((gone[p.id] for p in reversed(paid) if p.id in gone), None)
    if not left:
        return Cover(_until(bought, line, paid), not paid, last)
    until = _until(bought, line, left)
    firm = [p for p in left if not _is_disputed(p, terms)]
    disputed = not firm or _until(bought, line, firm) != until
    return Cover(until, True, last, disputed, shorter=_until(bought, line, paid) != until)


def items_of(payment: Payment, line: Line) -> list[PaidItem]:
    return [item for item in payment.items if item.line_id == line.id]


def taken_back(payment: Payment, terms: Terms) -> TakenBack | None:
    """A refund in full, or in part above the mapping's share; or a dispute that was lost."""
    if terms.on_dispute == "suspend" and "lost" in _disputes(payment):
        return TakenBack("dispute_lost", "revoke")
    if is_refunded(payment):
        return None if terms.on_refund == "keep" else TakenBack("refunded", terms.on_refund)
    if terms.on_partial_refund == "revoke" and _above_share(payment, terms):
        return TakenBack("refunded", "revoke")
    return None


def is_refunded(payment: Payment) -> bool:
    """Stripe's own word, for each charge of the payment."""
    return bool(payment.charges) and all(charge.refunded for charge in payment.charges)


def is_returned(payment: Payment) -> bool:
    """Whether all of the money went back, by refund or by a lost dispute."""
    return is_refunded(payment) or "lost" in _disputes(payment)


def _above_share(payment: Payment, terms: Terms) -> bool:
    refunded = sum(charge.refunded_minor_units for charge in payment.charges)
    whole = sum(charge.amount_minor_units for charge in payment.charges)
    return refunded * PER_CENT > whole * terms.partial_refund_percent


def _is_disputed(payment: Payment, terms: Terms) -> bool:
    return terms.on_dispute == "suspend" and "open" in _disputes(payment)


def _disputes(payment: Payment) -> set[DisputeState]:
    statuses = [status for charge in payment.charges for status in charge.disputes]
    return {DISPUTES.get(status, UNKNOWN_DISPUTE) for status in statuses}


def _until(bought: Bought, line: Line, payments: Sequence[Payment]) -> datetime | None:
    _, until = paid_span([item for payment in payments for item in items_of(payment, line)])
    subscription = bought.subscription
    if subscription is None or subscription.trial is None:
        return until
    trial_ends = subscription.trial[1]  # a trial may be made longer without an invoice
    return trial_ends if until is None else max(until, trial_ends)


def in_trial(bought: Bought, line: Line) -> bool:
    """Whether nothing but the trial was ever paid for this line."""
    if bought.subscription is None or bought.subscription.trial is None:
        return False
    trial = bought.subscription.trial
    return not any(
        not item.proration and item.period_start is not None and not of_trial(item, trial)
        for payment in bought.payments
        for item in items_of(payment, line)
    )
