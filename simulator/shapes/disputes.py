"""Disputes and what they move, in the shape of API version 2026-10-28.endive."""

from __future__ import annotations

from simulator.books import Books
from simulator.values import Obj, nulls

DAY = 24 * 3600
ANSWER_DAYS = 9  # to the end of that day the seller may send evidence
FEE = 1500  # what a dispute costs the seller, in minor units
EVIDENCE = nulls(
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure "
    "cancellation_rebuttal customer_communication customer_email_address customer_name "
    "customer_purchase_ip customer_signature duplicate_charge_documentation "
    "duplicate_charge_explanation duplicate_charge_id product_description receipt refund_policy "
    "refund_policy_disclosure refund_refusal_explanation service_date service_documentation "
    "shipping_address shipping_carrier shipping_date shipping_documentation "
    "shipping_tracking_number uncategorized_file uncategorized_text"
)


def dispute(books: Books, charge: Obj, reason: str, *, warning: bool) -> Obj:
    """Just opened. A warning (an inquiry) takes no money, and the charge stays refundable."""
    return {
        "id": books.new_id("dispute"),
        "object": "dispute",
        "amount": charge["amount_captured"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": books.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**EVIDENCE, "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": (books.now // DAY + ANSWER_DAYS) * DAY - 1,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": warning,
        "livemode": books.livemode,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": "visa",
                "case_type": "inquiry" if warning else "chargeback",
                "network": "visa",
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": reason,
        "status": "warning_needs_response" if warning else "needs_response",
    }


def balance_transaction(books: Books, dispute: Obj, amount: int) -> Obj:
    """What a dispute takes from the seller (less than 0), with its fee, or gives back."""
    fee = FEE if amount < 0 else 0
    note = "Chargeback withdrawal" if amount < 0 else "Chargeback reversal"
    row = {"amount": fee, "currency": dispute["currency"], "type": "stripe_fee"}
    return {
        **nulls("exchange_rate"),
        "id": books.new_id("balance_transaction"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": books.now,
        "balance_type": "payments",
        "created": books.now,
        "currency": dispute["currency"],
        "description": f"{note} for {dispute['charge']}",
        "fee": fee,
        "fee_details": [{**nulls("application"), **row, "description": "Dispute fee"}]
        if fee
        else [],
        "net": amount - fee,
        "reporting_category": "dispute" if amount < 0 else "dispute_reversal",
        "source": dispute["id"],
        "status": "available",
        "type": "adjustment",
    }
