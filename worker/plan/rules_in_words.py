"""The decision tables for people, made from the tables and functions that decide.

docs/states.md shows them; a test keeps both the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, get_args

from mappings.terms import TERM_FIELDS, Terms
from shared.keys import StripeId
from worker.plan.category import PlanCategory, expected_types
from worker.plan.cover import is_returned, taken_back
from worker.plan.rules import (
    CAUSES,
    COLLECTION_PAUSED,
    DISPUTES,
    REMOVED,
    STATUS_RULES,
    TAKEN_BACK,
    UNKNOWN_DISPUTE,
    UNKNOWN_STATUS,
    WRITTEN_OFF,
    DisputeState,
    Rule,
)
from worker.plan.statuses import STATUSES, UNKNOWN_RECORD
from worker.state import Charge, Payment

ANY_OTHER = "any other"
WHOLE, ABOVE_SHARE, BELOW_SHARE = 100, 60, 40  # of 100, where the share is its default of 50

DISPUTE_SAID: dict[DisputeState, str] = {
    "open": "suspended until it is closed",
    "over": "nothing, or reinstated: it counts as if it had never been",
    "lost": "the payment counts no more, as after a full refund",
}

# What each choice of a mapping does, beside those that only say when a license is suspended.
CHOICES: dict[tuple[str, str], str] = {
    ("quantity", "one_license"): "one license, which carries the quantity",
    ("quantity", "license_per_unit"): (
        "a license for each unit; with fewer units the newest are revoked"
    ),
    ("on_past_due", "grace"): "access to the paid end and the grace, then suspended",
    ("on_past_due", "suspend"): "suspended at once",
    ("on_past_due", "keep"): "never suspended for it",
    ("on_pause", "suspend"): "suspended while it is paused",
    ("on_pause", "keep"): "never suspended for it",
    ("on_cancel", "period_end"): "access to the paid end",
    ("on_cancel", "revoke"): (
        "revoked where paid time is left or the policy has no end; so is an item that is removed"
    ),
    ("on_resubscribe", "new"): "the new subscription gets a license of its own",
    ("on_resubscribe", "reuse"): (
        "the license that the canceled subscription left goes on, if its policy is the same"
    ),
    ("on_refund", "revoke"): "the payment counts no more; revoked where nothing else pays",
    ("on_refund", "suspend"): "the payment counts no more; suspended where nothing else pays",
    ("on_refund", "keep"): "the payment counts as before",
    ("on_partial_refund", "keep"): "the payment counts as before",
    ("on_partial_refund", "revoke"): "above `partial_refund_percent` it is as a full refund",
    ("on_dispute", "suspend"): "suspended while it is open; lost, it is as a full refund",
    ("on_dispute", "keep"): "disputes change nothing for the license",
}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(line)} |" for line in (head, *rows)]
    lines.insert(1, "|---" * len(head) + "|")
    return "\n".join(lines)


def status_table() -> str:
    """Each status of a subscription, and when it suspends."""
    rules = {f"`{name}`": rule for name, rule in STATUS_RULES.items()}
    rows = _rows({**rules, ANY_OTHER: UNKNOWN_STATUS})
    return table(["status", "what it means", "the license is suspended"], rows)


def other_rules_table() -> str:
    """What bears on a license of a subscription beside its status."""
    rules = {
        "`pause_collection`": COLLECTION_PAUSED,
        "a payment taken back": TAKEN_BACK,
        "an item removed": REMOVED,
        "the newest invoice void or uncollectible": WRITTEN_OFF,
    }
    return table(["in Stripe", "what it means", "the license is suspended"], _rows(rules))


def dispute_table() -> str:
    """Each status of a dispute, and what it does."""
    rows = [(f"`{status}`", DISPUTE_SAID[state]) for status, state in DISPUTES.items()]
    rows.append((ANY_OTHER, DISPUTE_SAID[UNKNOWN_DISPUTE]))
    return table(["status", "what it does to the license"], rows)


def taken_back_table() -> str:
    """What money that went back means for its payment, by the mapping's choice."""
    head = ["what happened", "the mapping says", "the payment", "its order"]
    return table(head, (row for case in _cases() for row in _taken_back(*case)))


def cause_table() -> str:
    """What journal and links call the reason of a suspension or revocation."""
    return table(["cause", "what it says"], ((f"`{name}`", said) for name, said in CAUSES.items()))


def choice_table() -> str:
    """What each choice of a mapping does; the first is what holds without a word."""
    rows = [
        (f"`{name}`", _value(name, value), said) for (name, value), said in sorted_choices().items()
    ]
    return table(["term", "says", "what happens"], rows)


def sorted_choices() -> dict[tuple[str, str], str]:
    """In the order of the mapping's own table."""
    order = list(TERM_FIELDS)
    return dict(sorted(CHOICES.items(), key=lambda choice: order.index(choice[0][0])))


def category_table() -> str:
    """The four plan categories and the license types that fit them."""
    categories: tuple[PlanCategory, ...] = get_args(PlanCategory)
    rows = (
        (f"`{name}`", ", ".join(f"`{one}`" for one in expected_types(name))) for name in categories
    )
    return table(["category", "license types that fit"], rows)


def record_table() -> str:
    """Stripe's statuses as LicenseKit's."""
    rows = [(f"`{status}`", f"`{record}`") for status, record in STATUSES.items()]
    return table(["in Stripe", "in LicenseKit"], [*rows, (ANY_OTHER, f"`{UNKNOWN_RECORD}`")])


TABLES: dict[str, Callable[[], str]] = {
    "statuses": status_table,
    "other-rules": other_rules_table,
    "taken-back": taken_back_table,
    "disputes": dispute_table,
    "causes": cause_table,
    "choices": choice_table,
    "categories": category_table,
    "records": record_table,
}


def _rows(rules: dict[str, Rule]) -> Iterator[tuple[str, str, str]]:
    for name, rule in rules.items():
        yield name, rule.why, _suspends(rule)


def _suspends(rule: Rule) -> str:
    if rule.when is None:
        return rule.always
    choices = (f"{_value(rule.term, value)}: {when}" for value, when in rule.when.items())
    return f"`{rule.term}`: {'; '.join(choices)}"


def _value(term: str, value: str) -> str:
    return f"`{value}`{' (default)' if TERM_FIELDS[term].default == value else ''}"


def _cases() -> Iterator[tuple[str, Charge, str, tuple[str, ...]]]:
    """What happened, the charge that shows it, and the term that decides with its values."""
    on_partial = ("on_partial_refund", ("keep", "revoke"))
    yield "refunded in full", _charge(WHOLE), "on_refund", ("revoke", "suspend", "keep")
    yield "refunded in part, above `partial_refund_percent`", _charge(ABOVE_SHARE), *on_partial
    yield "refunded in part, not above it", _charge(BELOW_SHARE), *on_partial
    yield "dispute lost", _charge(0, "lost"), "on_dispute", ("suspend", "keep")


def _charge(refunded: int, *disputes: str) -> Charge:
    return Charge(StripeId("ch_1"), WHOLE, refunded, refunded == WHOLE, disputes)


def _taken_back(
    happened: str, charge: Charge, term: str, values: Iterable[str]
) -> Iterator[tuple[str, str, str, str]]:
    payment = Payment(
        id=StripeId("in_1"),
        paid_at=datetime(2026, 1, 1, tzinfo=UTC),
        currency="eur",
        payment_intent_id=None,
        charge_id=charge.id,
        items=(),
        charges=(charge,),
    )
    for value in values:
        chosen: Any = {term: value}
        back = taken_back(payment, Terms(**chosen))
        means = "counts"
        if back is not None:
            means = f"counts no more; where nothing else pays: {back.then} (`{back.cause}`)"
        order = "`refunded`" if is_returned(payment) else "`paid`"
        yield happened, f"`{term}`: {_value(term, value)}", means, order
