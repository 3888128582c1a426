"""What a sale and a Stripe object are called. No lookups, no Stripe calls: only names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NewType, cast, get_args

StripeId = NewType("StripeId", str)  # "sub_…", "cs_…", "in_…"

SaleKind = Literal["subscription", "checkout_session", "invoice", "payment_intent"]
# What a hint may name: a sale itself, or an object whose sale only Stripe's API can tell.
ObjectKind = Literal[
    "subscription",
    "checkout_session",
    "invoice",
    "payment_intent",
    "charge",
    "refund",
    "dispute",
    "customer",
]

# What names the price of a bare payment intent, in its metadata; the first that is there counts.
PRICE_NAMES = ("price", "price_id")

KIND_BY_PREFIX: dict[str, ObjectKind] = {
    "sub": "subscription",
    "cs": "checkout_session",
    "in": "invoice",
    "pi": "payment_intent",
    "ch": "charge",
    "py": "charge",
    "re": "refund",
    "pyr": "refund",
    "dp": "dispute",
    "du": "dispute",
    "cus": "customer",
}


@dataclass(frozen=True, slots=True)
class SaleKey:
    """Names one sale, or one object in hand whose sale is still to be found.

    `account` is "" for our own account and "acct_…" for a connected one.
    Mode is part of the key: test and live never meet.
    """

    account: str
    livemode: bool
    kind: ObjectKind
    id: StripeId

    @property
    def mode(self) -> str:
        return "live" if self.livemode else "test"

    def __str__(self) -> str:
        return f"{self.account or 'own'}/{self.mode}/{self.kind}/{self.id}"


def kind_of(object_id: str) -> ObjectKind | None:
    """The kind that an id's prefix names (`sub_1` -> "subscription"), or None for any other id."""
    if object_id.startswith("sub_sched_"):  # a schedule; only Stripe's API knows its subscription
        return None
    return KIND_BY_PREFIX.get(object_id.partition("_")[0])


def parse_key(text: str) -> SaleKey:
    """Read `str(SaleKey)` back. Raises ValueError on anything else."""
    account, mode, kind, object_id = (*text.split("/"), "", "", "", "")[:4]
    key = SaleKey(
        account="" if account == "own" else account,
        livemode=mode == "live",
        kind=cast(ObjectKind, kind),
        id=StripeId(object_id),
    )
    if str(key) != text or not object_id or kind not in get_args(ObjectKind):
        raise ValueError(f"{text!r} is not a sale key such as own/test/subscription/sub_1")
    return key
