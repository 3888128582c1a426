"""Which of the four plan categories a sale is, and which license types fit it.

Trial only; one charge; one charge after a trial; recurring. Told from the sale as it stands: its
trial, its end, and what was paid. The notes never decide anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Literal, assert_never

from mappings.values import Mapping as PriceMapping
from worker.plan.intervals import add_interval
from worker.plan.terms import Terms
from worker.spans import of_trial
from worker.state import Bought, BoughtSubscription, LicenseType, Line, PaidItem

__all__ = [
    "SAID",
    "PlanCategory",
    "add_interval",
    "category_notes",
    "choose_category",
    "expected_types",
]

PlanCategory = Literal["trial_only", "one_time", "one_time_with_trial", "recurring"]

SAID: Mapping[str, str] = {  # by category
    "trial_only": "trial-only sale",
    "one_time": "one-time sale",
    "one_time_with_trial": "one-time sale with a trial",
    "recurring": "recurring sale",
}

# A checkout can't name the end of its subscription: shops set it when they hear of the sale. An
# end asked for later than that is a buyer who canceled.
AGREED_WITHIN = timedelta(hours=1)


def choose_category(bought: Bought) -> PlanCategory | None:
    """None where nothing was sold yet, so that nobody can tell."""
    subscription = bought.subscription
    if subscription is None:
        return "one_time" if bought.stage == "paid" else None
    if _ends_with_its_trial(bought, subscription):
        return "trial_only"
    if _ends_after_one_charge(bought, subscription):
        return "one_time" if subscription.trial is None else "one_time_with_trial"
    return "recurring"


def expected_types(category: PlanCategory) -> tuple[LicenseType, ...]:
    """The license types that fit, the usual one first."""
    match category:
        case "trial_only":
            return ("trial",)
        case "one_time":
            return ("perpetual", "time_limited", "consumption")
        case "one_time_with_trial":
            return ("time_limited",)
        case "recurring":
            return ("subscription",)
        case _:
            assert_never(category)


def category_notes(
    bought: Bought, terms: Terms, license_types: Mapping[str, LicenseType]
) -> list[str]:
    """What to look at where a mapped policy does not fit; `license_types` are by policy id."""
    category = choose_category(bought)
    if category is None:
        return []
    lines = (line for line in bought.lines if not line.removed)
    mappings = {line.price_id: mapping for line in lines if (mapping := terms.of(line)) is not None}
    return [
        f"this is a {SAID[category]}, but policy {policy_id} of {price_id} is "
        f"{_say(license_types[policy_id])}; what fits is {' or '.join(map(_say, fitting))}"
        for price_id, mapping in mappings.items()
        for policy_id, fitting in _policies(bought, category, mapping)
        if policy_id in license_types and license_types[policy_id] not in fitting
    ]


def _say(license_type: LicenseType) -> str:
    return license_type.replace("_", "-")


def _policies(
    bought: Bought, category: PlanCategory, mapping: PriceMapping
) -> Iterator[tuple[str, tuple[LicenseType, ...]]]:
    """Each policy that this sale makes use of, and what it should be."""
    trial_policy = mapping.terms.trial_policy
    on_trial = bought.subscription is not None and bought.subscription.trial is not None
    if on_trial and trial_policy is not None:
        yield trial_policy, ("trial",)
    if category != "trial_only" or trial_policy is None:
        yield mapping.policy_id, expected_types(category)


def _ends_with_its_trial(bought: Bought, subscription: BoughtSubscription) -> bool:
    """Nothing was paid but the trial, and it ends, or ended, no later than that.

    A buyer who cancels at the end of the trial's period leaves a recurring sale.
    """
    if subscription.trial is None or subscription.cancel_at_period_end:
        return False
    ended = subscription.ended_at if subscription.status == "canceled" else None
    ends = [moment for moment in (subscription.ends_at, ended) if moment is not None]
    paid = any(_first_paid_end(bought, line) for line in bought.lines)
    return not paid and any(moment <= subscription.trial[1] for moment in ends)


def _ends_after_one_charge(bought: Bought, subscription: BoughtSubscription) -> bool:
    """The first period of every line reaches the end that was agreed with the sale."""
    if subscription.cancel_at_period_end or not _was_agreed(bought, subscription):
        return False
    firsts = [end for line in bought.lines if (end := _first_end(bought, subscription, line))]
    if not firsts:
        return False
    if subscription.ends_at is not None:
        return all(end >= subscription.ends_at for end in firsts)
    # a schedule that is over may be gone: it ended to the second with the period it was paid for
    return subscription.status == "canceled" and set(firsts) == {subscription.ended_at}


def _was_agreed(bought: Bought, subscription: BoughtSubscription) -> bool:
    """Whether the end belongs to the sale. Portals cancel by a moment, `cancel_at`, as well as by
    `cancel_at_period_end`; only the time at which it was asked for tells the two apart.
    Source: docs.stripe.com/changelog/basil/2025-07-30/cancel-at-enums
    """
    asked = subscription.canceled_at
    if asked is None or asked == subscription.ended_at:  # a schedule's end is asked for by nobody
        return True
    began = _began(bought, subscription)
    return began is None or asked <= began + AGREED_WITHIN


def _began(bought: Bought, subscription: BoughtSubscription) -> datetime | None:
    """When the first charge was due."""
    if subscription.trial is not None:
        return subscription.trial[1]
    paid = [i.period_start for p in bought.payments for i in p.items if i.period_start is not None]
    return min(paid or [start for start, _ in subscription.periods.values()], default=None)


def _first_end(bought: Bought, subscription: BoughtSubscription, line: Line) -> datetime | None:
    """The end of the first charged period of a line, also of one that is still to come.

    None where it can't be told, or where the line was never charged and never will be.
    """
    paid = _first_paid_end(bought, line)
    if paid is not None or line.removed:
        return paid
    current = subscription.periods.get(line.id)
    if subscription.trial is None:
        begins = None if current is None else current[0]
    else:
        begins = subscription.trial[1]
    if begins is None or line.pricing is None or line.pricing.interval is None:
        return None
    return add_interval(begins, *line.pricing.interval)


def _first_paid_end(bought: Bought, line: Line) -> datetime | None:
    """The end of the first full period, beyond a trial, that was paid for this line."""
    ends = [
        item.period_end
        for payment in bought.payments
        for item in payment.items
        if item.line_id == line.id and item.period_end is not None and _is_full(bought, item)
    ]
    return min(ends, default=None)


def _is_full(bought: Bought, item: PaidItem) -> bool:
    trial = bought.subscription.trial if bought.subscription is not None else None
    if item.proration or item.period_start is None or item.period_end is None:
        return False
    return trial is None or not of_trial(item, trial)
