"""The decision tables: what a fact in Stripe means for a license. Data only; `access` reads it.

docs/states.md shows these tables; a test keeps both the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

# When a license is suspended. It lapses when its paid time and the mapping's grace are over.
# A license without an end of its own (perpetual, consumption) can't expire: it is suspended then.
# The grace is for payments that may still come: without one to come, paid time alone counts.
When = Literal[
    "never",
    "at once",
    "when it lapses",
    "when it lapses, if it has no end",
    "when its paid time is over",
]


@dataclass(frozen=True, slots=True)
class Rule:
    """When a state suspends: by the value of a term of the mapping, or always alike."""

    why: str
    always: When = "never"
    term: str = ""
    when: Mapping[str, When] | None = None  # by the term's value

    def of(self, terms: object) -> When:
        return self.always if self.when is None else self.when[getattr(terms, self.term)]


IF_LAPSED: Literal["when it lapses"] = "when it lapses"
IF_ENDLESS: Literal["when it lapses, if it has no end"] = "when it lapses, if it has no end"
IF_UNPAID: Literal["when its paid time is over"] = "when its paid time is over"
_ON_PAUSE: dict[str, When] = {"suspend": "at once", "keep": "never"}

# A subscription's status, and what it means for a license that was paid once.
STATUS_RULES: dict[str, Rule] = {
    "trialing": Rule("access to the end of the trial"),
    "active": Rule("access to the end of the paid period"),
    "past_due": Rule(
        "Stripe still tries: the paid period and the grace stay",
        term="on_past_due",
        when={"grace": IF_LAPSED, "suspend": "at once", "keep": "never"},
    ),
    "unpaid": Rule("Stripe tries no more", always="at once"),
    "incomplete": Rule("the first payment is open", always="at once"),
    "incomplete_expired": Rule("the first payment never came", always="at once"),
    "paused": Rule(
        "whatever the reason: asked for, the trial's end, a failed payment, or by Stripe",
        term="on_pause",
        when=_ON_PAUSE,
    ),
    "canceled": Rule("the paid period stays; no grace follows it", always=IF_UNPAID),
}
UNKNOWN_STATUS = Rule("a status that Stripe added since: not paid up", always=IF_LAPSED)

# pause_collection leaves the status as it is; its three behaviors differ only in the invoices.
COLLECTION_PAUSED = Rule("pause_collection, in each behavior", term="on_pause", when=_ON_PAUSE)

# What is taken back from a license without an end in a running subscription: what else was paid
# stays, then it is over. A period that a later payment has outlived takes nothing along.
TAKEN_BACK = Rule("a payment was taken back; what else was paid stays", always=IF_ENDLESS)
REMOVED = Rule("the item was taken off the subscription; its paid period stays", always=IF_UNPAID)
WRITTEN_OFF = Rule(
    "the newest invoice was voided or written off: nothing is to come for it", always=IF_UNPAID
)
NEVER_PAID = ("void", "uncollectible")  # such an invoice

DisputeState = Literal["open", "over", "lost"]

# Stripe's status of a dispute. A won one counts as if it had never been; so does an inquiry that
# was closed, and one that the buyer withdrew (Stripe closes it as won).
DISPUTES: dict[str, DisputeState] = {
    "warning_needs_response": "open",
    "warning_under_review": "open",
    "warning_closed": "over",
    "needs_response": "open",
    "under_review": "open",
    "prevented": "over",
    "won": "over",
    "lost": "lost",
}
UNKNOWN_DISPUTE: DisputeState = "open"  # a status that Stripe added since

# What a person decided through us: billing neither lifts nor undoes it, whatever is paid.
HELD_BY_DECISION = "held_by_decision"
CANCELED_BY_DECISION = "canceled_by_decision"

# Why a license is suspended or revoked, as journal and links name it.
CAUSES: dict[str, str] = {
    "disputed": "a dispute is open about what pays for it",
    "dispute_lost": "the dispute about what paid for it was lost",
    "refunded": "what paid for it was refunded",
    "incomplete": "the first payment is open",
    "incomplete_expired": "the first payment never came",
    "past_due": "a payment failed, and the mapping gives no more time",
    "unpaid": "the payment failed and Stripe tries no more",
    "paused": "the subscription is paused",
    "collection_paused": "the collection of payments is paused",
    "written_off": "the newest invoice was voided or written off",
    "canceled": "the subscription is canceled",
    "removed": "its item was taken off the subscription",
    "quantity": "fewer units are bought now",
    "replaced": "another license took its place",
    HELD_BY_DECISION: "a person decided to hold the sale",
    CANCELED_BY_DECISION: "a person decided to cancel the sale",
}


def why(cause: str) -> str:
    """A cause in words; a subscription status that Stripe added since speaks for itself."""
    return CAUSES.get(cause, f"the subscription is {cause}")
