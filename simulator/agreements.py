"""What Stripe knows about an account's subscriptions and shows in no object. Only the state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.values import Obj

if TYPE_CHECKING:
    from simulator.changes import Change
    from simulator.rows import Row


@dataclass(slots=True)
class Agreements:
    """Of one shop. The keys are ids."""

    after_last_attempt: str = "canceled"  # the status when dunning ends in vain
    cardless: set[str] = field(default_factory=set)  # customers without a payment method
    anchors: dict[str, int] = field(default_factory=dict)  # items that don't follow the common one
    warned: dict[str, int] = field(default_factory=dict)  # subscription -> trial end told ahead
    waiting: dict[str, list[Row]] = field(default_factory=dict)  # for the next invoice
    pending: dict[str, Change] = field(default_factory=dict)  # applied when its invoice is paid
    resuming: dict[str, str] = field(default_factory=dict)  # paused subscription -> its invoice
    clock: Obj | None = None  # the test clock that all objects here live on
