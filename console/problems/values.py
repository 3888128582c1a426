"""What `fulfill problems` tells: one group a cause and subject, with what waits behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from console.fulfillments.values import stamp
from worker.plan.amounts import say_amount


@dataclass(frozen=True, slots=True)
class Stake:
    """Whom it keeps waiting, and what they paid. For people: nothing is decided from money."""

    sales: int = 0
    buyers: int = 0  # a guest counts once a sale
    # currency -> minor units that were paid and not given back
    paid: Mapping[str, int] = field(default_factory=dict)
    at_least: bool = False  # not every sale was counted, or some was never read from Stripe

    def as_json(self) -> dict[str, Any]:
        return {
            "sales": self.sales,
            "buyers": self.buyers,
            "paid": [
                {
                    "currency": currency,
                    "amount_minor_units": minor_units,
                    "amount": say_amount(minor_units, currency),
                }
                for currency, minor_units in sorted(self.paid.items())
            ],
            "at_least": self.at_least,
        }


@dataclass(frozen=True, slots=True)
class Place:
    """What the group is about, and where that is."""

    cause: str  # "unmapped_price"
    subject: str = ""  # "price_1"; "" = each sale has a subject of its own
    account: str = ""  # "" = our own, or several
    livemode: bool | None = None  # None = either


@dataclass(frozen=True, slots=True)
class Words:
    """What a person reads."""

    happened: str
    means: str  # for the buyers
    first: str  # what is to be done before the command; "" = nothing
    command: str  # releases it; made to be copied


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """All that waits for one and the same act of a person."""

    place: Place
    words: Words
    count: int
    unit: str  # what is counted: "sale", "event", "license key", …
    stake: Stake
    since: datetime | None
    ids: tuple[str, ...]  # the oldest first; the sales, events, licenses it is about
    says: str = ""  # the words of one of them: what the service answered

    @property
    def weight(self) -> tuple[bool, int, int, int]:
        """What stands higher on the page: money first, whatever its currency, then buyers."""
        money = any(self.stake.paid.values())
        return (money, self.stake.buyers, self.stake.sales, self.count)

    def as_json(self) -> dict[str, Any]:
        """Only plain JSON values."""
        return {
            "cause": self.place.cause,
            "subject": self.place.subject,
            "account": self.place.account,
            "livemode": self.place.livemode,
            "happened": self.words.happened,
            "means": self.words.means,
            "first": self.words.first,
            "command": self.words.command,
            "count": self.count,
            "unit": self.unit,
            "waiting": self.stake.as_json(),
            "since": stamp(self.since),
            "ids": list(self.ids),
            "says": self.says,
        }
