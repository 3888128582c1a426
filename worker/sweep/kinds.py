"""Which objects a sweep reads, and which of them may have changed within its window.

Stripe filters its lists by when an object was made, not by when it changed. So each kind is listed
from some time before the window, and what has a moment for each change is told apart here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from shared.accounts import ServedAccount
from shared.events.targets import (
    Payload,
    Target,
    find_dispute,
    find_invoice,
    find_payment_intent,
    find_refund,
    find_session,
    find_subscription,
)
from shared.keys import SaleKey

OVER = ("canceled", "incomplete_expired")  # subscriptions that can't change any more


class Moments(msgspec.Struct, frozen=True):
    """What tells whether an object may have changed. Seconds since 1970."""

    status: str | None = None  # null for old refunds and unfinished drafts
    created: int = 0
    canceled_at: int | None = None
    ended_at: int | None = None
    status_transitions: dict[str, Any] | None = None  # of an invoice: paid_at, voided_at, …

    def newest(self) -> int:
        known = (self.created, self.canceled_at, self.ended_at)
        moved = (self.status_transitions or {}).values()
        return max(int(moment) for moment in (*known, *moved) if moment is not None)


@dataclass(frozen=True, slots=True)
class Kind:
    """One list of Stripe's. `look_back` is None where an object may change at any age."""

    name: str
    path: str
    find: Callable[[Payload], Target | None]
    look_back: timedelta | None
    changed: Callable[[Moments, int], bool]
    params: Mapping[str, object] = field(default_factory=dict)

    def asked(self, since: datetime | None) -> dict[str, object]:
        """The parameters of the list for a window that begins then; None = everything."""
        if since is None or self.look_back is None:
            return dict(self.params)
        return {**self.params, "created": {"gte": int((since - self.look_back).timestamp())}}

    def key(self, row: bytes, account: ServedAccount, since: datetime | None) -> SaleKey | None:
        """The sale, or an object of it, that a row of the list names; None for nothing to do."""
        if not self.changed(_moments(row), 0 if since is None else int(since.timestamp())):
            return None
        target = self.find(_payload(row))
        return (
            SaleKey(account.account, account.livemode, target.kind, target.id) if target else None
        )


def _running_or_ended_since(found: Moments, since: int) -> bool:
    """No field of a running one tells of a changed price, quantity or hold."""
    return found.status not in OVER or found.newest() >= since


def _of_status(*statuses: str) -> Callable[[Moments, int], bool]:
    """Others sold nothing; what is undone later is another object's business, a refund's."""
    return lambda found, _since: found.status in statuses


def _changed_since(found: Moments, since: int) -> bool:
    return found.newest() >= since


def _any(_found: Moments, _since: int) -> bool:
    """Nothing tells when it changed last."""
    return True


# Look-backs: how long after an object was made it may still change what a buyer holds.
KINDS = (
    Kind(
        "subscription",
        "/v1/subscriptions",
        find_subscription,
        None,
        _running_or_ended_since,
        {"status": "all"},
    ),
    # a slow payment method settles within a few weeks
    Kind(
        "checkout_session",
        "/v1/checkout/sessions",
        find_session,
        timedelta(days=30),
        _of_status("complete"),
    ),
    # somebody may pay it after many months
    Kind("invoice", "/v1/invoices", find_invoice, timedelta(days=365), _changed_since),
    Kind(
        "payment_intent",
        "/v1/payment_intents",
        find_payment_intent,
        timedelta(days=30),
        _of_status("succeeded"),
    ),
    # a refund may fail some weeks later
    Kind("refund", "/v1/refunds", find_refund, timedelta(days=60), _any),
    # a bank decides within a few months
    Kind("dispute", "/v1/disputes", find_dispute, timedelta(days=180), _any),
)

_moments = msgspec.json.Decoder(Moments).decode
_payload = msgspec.json.Decoder(Payload).decode


def lists_of(accounts: list[ServedAccount]) -> Iterator[tuple[str, ServedAccount, Kind]]:
    """Every list that a sweep reads, and the name that its progress is kept under."""
    for account in accounts:
        mode = "live" if account.livemode else "test"
        for kind in KINDS:
            yield f"{account.account or 'own'}/{mode}/{kind.name}", account, kind
