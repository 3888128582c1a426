"""Sweeps in a world: our clock follows Stripe's, as it does in life."""

from __future__ import annotations

from collections.abc import Callable

from shared.accounts import ServedAccount
from shared.moments import from_unix
from shared.tables import events
from tests.worlds.world import World
from worker.gateways.stripe_lists import StripeLists
from worker.sweep.events import EventLook, EventSweep

OWN = ServedAccount("", False)
PARTNER = ServedAccount("acct_1", False)
CALM_SECONDS = 61  # then nothing is on its way any more


def follow_stripe(world: World, *, seconds_later: int = CALM_SECONDS) -> None:
    """Our clock stands at Stripe's, and a moment later."""
    world.clock.moment = from_unix(world.stripe.now + seconds_later)


def sweep_events(
    world: World,
    account: ServedAccount = OWN,
    *,
    lists: StripeLists | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> EventLook:
    """One look at an account's events, a moment later."""
    follow_stripe(world)
    lists = lists or world.deps.stripe.lists
    return EventSweep(account, world.engine, lists, world.clock).look(stopping)


def first_look(world: World, account: ServedAccount = OWN) -> None:
    """Begin an account's mark now: what happens from here on is ours to take."""
    sweep_events(world, account)
    world.stripe.advance(seconds=CALM_SECONDS)


def found(look: EventLook) -> tuple[int, int]:
    """How many were never delivered, and how many of these made a sale due."""
    return look.never_delivered, look.raised


def inbox(world: World) -> list[tuple[str, str, int]]:
    """Account, type and secret of each event, in the order of its row."""
    return [(row.account, row.type, row.secret) for row in world.rows(events)]
