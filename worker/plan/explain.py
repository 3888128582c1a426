"""A plan and a sale as JSON, for the journal, `fulfill plan` and `fulfill show`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shared.moments import stamp
from worker.plan.category import choose_category
from worker.plan.plan import Plan
from worker.plan.pricing import expected_amount, explain_amount, name_formula
from worker.state import Bought, BoughtSubscription, Line, Payment


def as_json(plan: Plan) -> dict[str, Any]:
    """Steps with their reasons, problems, notes and the mapping versions that applied."""
    return {
        "steps": [{"step": str(s), "key": s.key, "why": s.why} for s in plan.steps],
        "problems": [
            {"cause": p.cause, "subject": p.subject, "line": p.line_id, "message": p.message}
            for p in plan.problems
        ],
        "notes": list(plan.notes),
        "mapping_versions": dict(plan.versions),
    }


def bought_as_json(bought: Bought) -> dict[str, Any]:
    """The sale for people to look at: who, what, how much, paid until when, and what became of it.

    No name and no address. None and empty lists stand for what is not there.
    """
    return {
        "stage": bought.stage,
        "reason": bought.reason,
        "category": choose_category(bought),
        "buyer": None if bought.buyer is None else {"id": bought.buyer.id},
        "subscription": _subscription(bought.subscription),
        "lines": [_line(line) for line in bought.lines],
        "payments": [_payment(payment) for payment in bought.payments],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "price": line.price_id,
        "product": line.product_id,
        "quantity": line.quantity,
        "paid_until": _moment(line.paid_until),
        "removed": line.removed,
        "pricing": _pricing(line),
    }


def _pricing(line: Line) -> dict[str, Any] | None:
    if line.pricing is None:
        return None
    return {
        "formula": name_formula(line.pricing),
        "expected_amount_minor_units": expected_amount(line.pricing, line.quantity),
        "explanation": explain_amount(line.pricing, line.quantity),
    }


def _payment(payment: Payment) -> dict[str, Any]:
    return {
        "id": payment.id,
        "paid_at": stamp(payment.paid_at),
        "payment_intent": payment.payment_intent_id,
        "charge": payment.charge_id,
        "amount_minor_units": sum(item.amount_minor_units for item in payment.items),
        "refunded_minor_units": sum(charge.refunded_minor_units for charge in payment.charges),
        "disputes": [status for charge in payment.charges for status in charge.disputes],
        "currency": payment.currency,
    }


def _subscription(subscription: BoughtSubscription | None) -> dict[str, Any] | None:
    """`ends_at` is when it is to end, `ended_at` when it did."""
    if subscription is None:
        return None
    return {
        "status": subscription.status,
        "trial_end": _moment(subscription.trial[1]) if subscription.trial else None,
        "cancel_at_period_end": subscription.cancel_at_period_end,
        "ends_at": _moment(subscription.ends_at),
        "ended_at": _moment(subscription.ended_at),
        "collection_paused": subscription.collection_paused,
        "pause_reason": subscription.pause_reason,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else stamp(moment)
