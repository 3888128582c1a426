"""What goes into the inbox, and what became of it. No database here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from shared.keys import SaleKey

State = Literal["recorded", "ignored", "refused"]

BUYER_WAITS = 1  # urgencies, 0 first: somebody looks at a page just now
NORMAL = 5
NO_HURRY = 9  # a sweep over all sales must not delay a new one

# Which signing secret matched, from 0; this stands for none: the event was never delivered to us, a
# sweep fetched it.
FETCHED = -1

Identity = tuple[str, str]  # event id, account


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """A verified event, as it goes into the `events` table. Built a few thousand times a second."""

    account: str
    event_id: str  # a thin event's: its snapshot twin's id, so that the two are one
    thin_id: str | None
    livemode: bool
    type: str
    api_version: str | None
    created_at: datetime
    object_id: str | None
    secret: int
    payload: bytes
    state: State
    reason: str | None  # why it was ignored or refused
    key: SaleKey | None  # whom the hint is for; None unless recorded
    urgency: int = NORMAL

    @property
    def identity(self) -> Identity:
        return self.event_id, self.account


@dataclass(frozen=True, slots=True)
class Recorded:
    """The event is new and durable, and raised its sale to this generation."""

    sale_id: int
    generation: int


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The event stands in the inbox already; nothing was written."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """The event is kept, but nothing that is sold depends on it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The event is kept, but it is of a mode or account that we don't serve."""

    reason: str


Outcome = Recorded | Duplicate | Ignored | Refused
# A row that was written: event id, account, and the sale it raised with its generation, if any.
Written = tuple[str, str, int | None, int | None]
