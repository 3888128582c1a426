"""Stripe's eight subscription statuses as LicenseKit's five, and the record that follows.

LicenseKit has no incomplete, incomplete_expired or unpaid.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from worker.plan.steps import SubscriptionRecord
from worker.state import BoughtSubscription, SubscriptionStatus

STATUSES: dict[str, SubscriptionStatus] = {
    "trialing": "trialing",
    "active": "active",
    "past_due": "past_due",
    "unpaid": "past_due",  # still owed, no longer retried
    "incomplete": "past_due",  # the first payment is open; recorded only once a line was paid
    "incomplete_expired": "canceled",
    "paused": "paused",
    "canceled": "canceled",
}
UNKNOWN_RECORD: SubscriptionStatus = "past_due"  # a status that Stripe added since: not paid up


def choose_record(
    subscription: BoughtSubscription, line_ids: Sequence[str]
) -> SubscriptionRecord | None:
    """The record over the current periods of these items; None while none has a period."""
    periods = [period for line_id, period in subscription.periods.items() if line_id in line_ids]
    if not periods:
        return None
    status = STATUSES.get(subscription.status, UNKNOWN_RECORD)
    return SubscriptionRecord(
        status=status,
        current_period_start=min(start for start, _ in periods),
        current_period_end=max(end for _, end in periods),
        cancel_at_period_end=subscription.cancel_at_period_end,
        canceled_at=_canceled_at(subscription) if status == "canceled" else None,
    )


def _canceled_at(subscription: BoughtSubscription) -> datetime | None:
    return subscription.ended_at or subscription.canceled_at
