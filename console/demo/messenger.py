"""Carries one sale's events to the door: calmly, or as badly as a network can.

Only the sale's own: so that of two equal subscriptions one can have all the bad luck.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from console.demo.stripe_side import Object, StripeSide
from shared.events.routing import ROUTES

COPIES = 3  # of each delivery, in a storm
DROP_SHARE = 0.4  # of the events we listen to, in a storm


@dataclass(frozen=True, slots=True)
class Weather:
    """What a storm did, for the report."""

    events: int
    dropped: int
    copies: int

    def __str__(self) -> str:
        return (
            f"{self.events} events: {self.dropped} dropped, the others delivered "
            f"{self.copies} times each, in any order"
        )


def events_of(sale_id: str, events: Sequence[Object]) -> list[Object]:
    """Those that we listen to and that name this sale, oldest first."""
    named = f'"{sale_id}"'.encode()
    return [e for e in events if e["type"] in ROUTES and named in msgspec.json.encode(e)]


def survivors(events: Sequence[Object], *, seed: int) -> list[Object]:
    """Some are lost and at least one is left; the same ones for the same seed.

    At least one, since a sale of which nothing ever arrives is not found by events at all.
    """
    chance = random.Random(seed)  # noqa: S311 - chooses what to lose, not a secret
    lost = min(len(events) - 1, max(1, round(len(events) * DROP_SHARE))) if len(events) > 1 else 0
    dropped = {event["id"] for event in chance.sample(list(events), lost)}
    return [event for event in events if event["id"] not in dropped]


def deliver_everything(stripe: StripeSide) -> None:
    """From now on all that happens is delivered by itself, once and in order."""
    stripe.tell("switches", duplicate=1, shuffle=False, hold=False, drop_types=[])


def deliver(stripe: StripeSide, events: Sequence[Object]) -> None:
    """Each once, in order."""
    deliver_everything(stripe)
    for event in events:
        stripe.tell("resend", event=event["id"])


def deliver_badly(stripe: StripeSide, events: Sequence[Object], *, seed: int) -> Weather:
    """Some not at all, the others three times, in any order, all at once."""
    kept = survivors(events, seed=seed)
    stripe.tell("switches", duplicate=COPIES, shuffle=True, hold=True, drop_types=[])
    for event in kept:
        stripe.tell("resend", event=event["id"])
    stripe.tell("flush")
    stripe.tell("switches", hold=False)
    return Weather(len(events), len(events) - len(kept), COPIES)


def hold_everything(stripe: StripeSide) -> None:
    """Deliver nothing by itself: the messenger decides what arrives."""
    stripe.tell("switches", duplicate=1, shuffle=False, hold=False, drop_types=["*"])
