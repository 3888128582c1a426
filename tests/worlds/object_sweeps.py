"""Sweeps over objects in a world, and what they report."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shared.accounts import ServedAccount
from shared.database import transaction
from tests.worlds.sweeping import OWN
from tests.worlds.world import World, make_deps
from worker.deps import Deps
from worker.gateways.stripe_lists import StripeLists
from worker.plan.guard import Limits
from worker.sweep.looks import Lookers
from worker.sweep.objects import Means, ObjectSweep
from worker.sweep.requests import Sweep, SweepWish, ask_for_sweep, take

THREADS = 3


@dataclass(frozen=True, slots=True)
class Plans:
    """What a report says, without the plans' own words."""

    at_rest: int
    changes: dict[str, int]
    problems: dict[str, int]
    raised: int


def ask(world: World, *, since: datetime | None = None, **wish: bool) -> int:
    """Somebody wants a sweep."""
    wanted = SweepWish(since, wish.get("dry_run", False), wish.get("forced", False), "test")
    with transaction(world.engine) as tx:
        return ask_for_sweep(tx, wanted, world.clock.now())


@contextmanager
def open_means(
    world: World,
    *accounts: ServedAccount,
    lists: StripeLists | None = None,
    limits: Limits | None = None,
) -> Iterator[Means]:
    """Real clients to this world's services, one set for each thread."""

    def deps() -> Deps:
        made = make_deps(world.engine, world.stripe_url, world.books.url, world.clock)
        return replace(made, limits=limits or made.limits)

    lookers = Lookers(deps, THREADS)
    try:
        yield Means(
            engine=world.engine,
            clock=world.clock,
            limits=limits or Limits(),
            accounts=accounts or (OWN,),
            lists_of=lambda _: lists or world.deps.stripe.lists,
            lookers=lookers,
            threads=THREADS,
            wake=lambda: None,
            stopping=threading.Event(),
        )
    finally:
        lookers.close()


def carry_out(world: World, sweep_id: int, means: Means, *, force: bool = False) -> Sweep:
    """Take this sweep up and bring it to its end."""
    sweep = take(world.engine, sweep_id, now=world.clock.now(), force=force)
    return ObjectSweep(sweep, means).run()


def sweep_objects(
    world: World, *accounts: ServedAccount, since: datetime | None = None, **wish: bool
) -> Sweep:
    """Ask for a sweep and carry it out."""
    with open_means(world, *accounts) as means:
        return carry_out(world, ask(world, since=since, **wish), means)


def plans(sweep: Sweep) -> Plans:
    report: dict[str, Any] = dict(sweep.report or {})
    return Plans(report["at_rest"], report["changes"], report["problems"], report["raised"])
