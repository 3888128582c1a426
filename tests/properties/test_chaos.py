"""Any order, any repeats, any losses, and a crash after any step end where a calm run ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from simulator.orders import Purchase
from tests.properties.crashes import Crash, fused
from tests.properties.pictures import Picture, take_picture
from tests.worlds.licensekit import Policy
from tests.worlds.world import MONTH, Event, World, open_world
from worker.lease import LEASE_SECONDS

# whole worlds are slow to shrink; a failing life is told as it was
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
ROOT = ("customer.subscription.", "invoice.", "checkout.session.")


@dataclass(frozen=True, slots=True)
class Burst:
    """Some of the deliveries so far, in this order, and a pass that may die at this moment."""

    deliveries: tuple[int, ...]
    dies_after: int | None


bursts = st.builds(
    Burst,
    st.lists(st.integers(0, 60), max_size=8).map(tuple),
    st.one_of(st.none(), st.integers(0, 70)),
)
lives = st.lists(st.lists(bursts, max_size=3), min_size=1, max_size=3)  # one list for each month


@dataclass(slots=True)
class Seller:
    """A shop that sells two products by subscription, one of them by the unit."""

    world: World
    policies: list[Policy]
    prices: list[object]

    def sell(self) -> Purchase:
        return self.world.stripe.shop.subscribe(self.prices)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def seller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seller]:
    """One world for all examples: each is a sale of its own, canceled at its end."""
    with open_world(tmp_path_factory.mktemp("chaos")) as world:
        first, one = world.price("subscription", recurring=MONTH)
        second, two = world.price("subscription", recurring=MONTH)
        world.map(second, two, quantity="license_per_unit", grace_days=2)
        yield Seller(world, [one, two], [first, {"price": second, "quantity": 2}])


def a_month_passes(world: World) -> None:
    """Long enough for the next invoice to be made, finalized and paid."""
    world.stripe.advance(days=31, seconds=7200)


def hear(world: World, events: list[Event], burst: Burst) -> None:
    """Tell these deliveries; the worker works, and dies when the fuse is burnt down."""
    if events:
        world.tell([events[number % len(events)] for number in burst.deliveries])
    with fused(world.engine, world.deps) as (fuse, deps):
        fuse.left = burst.dies_after
        try:
            world.run(deps)
        except Crash:
            world.clock.move(seconds=LEASE_SECONDS)


def live(seller: Seller, life: list[list[Burst]]) -> None:
    """Two buyers do the same; one's events are a mess, the other's pass is calm."""
    world = seller.world
    before = world.event_count()
    messy, calm = seller.sell(), seller.sell()
    for month, heard in enumerate(life):
        if month:
            a_month_passes(world)
        events = [
            e for e in world.events(messy.customer, since=before) if e["type"].startswith(ROOT)
        ]
        for burst in heard:
            hear(world, events, burst)
    for sale in (messy, calm):
        world.tell(world.events(sale.subscription, since=before)[-1:])
    world.clock.move(hours=1)
    world.run()

    def picture(sale: Purchase) -> Picture:
        return take_picture(world, sale, seller.policies, since=before)

    assert picture(messy) == picture(calm)
    world.raise_all(messy.subscription, calm.subscription)
    assert {closed.status for closed in world.run()} == {"settled"}
    for sale in (messy, calm):
        world.stripe.shop.cancel(str(sale.subscription))


@settings(max_examples=20, phases=QUICK)
@given(lives)
def test_whatever_happens_on_the_way_the_end_is_the_same(
    seller: Seller, life: list[list[Burst]]
) -> None:
    """Licenses, ends, orders, records, pointers and keys equal the calm run's; then all is rest."""
    live(seller, life)


@pytest.mark.soak
@settings(max_examples=1_000, phases=QUICK)
@given(lives)
def test_a_thousand_messy_lives_end_like_calm_ones(seller: Seller, life: list[list[Burst]]) -> None:
    """The same, for as long as one likes to wait."""
    live(seller, life)


@pytest.mark.parametrize("dies_after", range(0, 84, 4))
def test_a_worker_may_die_at_any_moment_of_the_first_pass(seller: Seller, dies_after: int) -> None:
    """Before a call, after its answer, at a commit: the next pass finds what the dead one did."""
    live(seller, [[Burst((0,), dies_after)]])
