"""A plan and a sale as JSON, for the journal, `fulfill plan` and `fulfill show`."""

from __future__ import annotations

from typing import Any

from shared.moments import stamp
from worker.plan.plan import Plan
from worker.state import Bought


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
    """The sale for people to look at: who, what, how much, paid until when."""
    return {
        "stage": bought.stage,
        "reason": bought.reason,
        "buyer": None if bought.buyer is None else {"id": bought.buyer.id},
        "lines": [
            {
                "id": line.id,
                "price": line.price_id,
                "product": line.product_id,
                "quantity": line.quantity,
                "paid_until": stamp(line.paid_until) if line.paid_until else None,
            }
            for line in bought.lines
        ],
        "payments": [
            {
                "id": payment.id,
                "paid_at": stamp(payment.paid_at),
                "payment_intent": payment.payment_intent_id,
                "charge": payment.charge_id,
                "amount_minor_units": sum(item.amount_minor_units for item in payment.items),
                "currency": payment.currency,
            }
            for payment in bought.payments
        ],
    }
