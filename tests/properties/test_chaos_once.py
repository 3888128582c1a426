"""The same for one-time sales: two products in one session, its payment days under way.

The crash points run on PostgreSQL too, whose transactions end otherwise than SQLite's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.orders import Purchase
from tests.postgres import Cluster
from tests.properties.pictures import Picture, take_picture
from tests.properties.test_chaos import QUICK, Burst, bursts, hear
from tests.worlds.licensekit import Policy
from tests.worlds.world import World, open_world

lives = st.tuples(st.lists(bursts, max_size=2), st.lists(bursts, max_size=3))


@dataclass(slots=True)
class Counter:
    """A shop that sells two products for good, the second by the unit."""

    world: World
    policies: list[Policy]
    prices: list[object]

    def sell(self) -> Purchase:
        """By a method of payment that takes days."""
        return self.world.stripe.shop.buy(self.prices, unpaid=True)  # type: ignore[arg-type]


def open_counter(world: World) -> Counter:
    first, one = world.price()
    second, two = world.price()
    world.map(second, two, quantity="license_per_unit")
    return Counter(world, [one, two], [first, {"price": second, "quantity": 2}])


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    """One world for all examples: each is a sale of its own."""
    with open_world(tmp_path_factory.mktemp("once")) as world:
        yield open_counter(world)


@pytest.fixture(scope="module")
def postgres_counter(
    tmp_path_factory: pytest.TempPathFactory, cluster: Cluster, postgres_template: str
) -> Iterator[Counter]:
    """The same on PostgreSQL."""
    folder = tmp_path_factory.mktemp("once-postgres")
    with cluster.database(template=postgres_template) as url, open_world(folder, url) as world:
        yield open_counter(world)


def live(counter: Counter, unpaid: list[Burst], paid: list[Burst]) -> None:
    """Two buyers do the same; one's events are a mess, the other's pass is calm."""
    world = counter.world
    before = world.event_count()
    messy, calm = counter.sell(), counter.sell()
    for heard in (unpaid, paid):
        if heard is paid:
            for sale in (messy, calm):
                world.stripe.shop.settle(sale.session)
        events = world.events(messy.session, messy.customer, since=before)
        for burst in heard:
            hear(world, events, burst)
    for sale in (messy, calm):
        world.tell(world.events(sale.session, since=before)[-1:])
    world.clock.move(hours=1)
    world.run()

    def picture(sale: Purchase) -> Picture:
        return take_picture(world, sale, counter.policies, since=before)

    assert picture(messy) == picture(calm)
    assert len(picture(messy).licenses) == 3
    world.raise_all(messy.session, calm.session)
    assert {closed.status for closed in world.run()} == {"settled"}


@settings(max_examples=20, phases=QUICK)
@given(lives)
def test_whatever_happens_on_the_way_a_one_time_buyer_ends_with_the_same(
    counter: Counter, life: tuple[list[Burst], list[Burst]]
) -> None:
    """Also when the payment arrives between, and charges and payments are hints of their own."""
    live(counter, *life)


@pytest.mark.parametrize("dies_after", range(0, 42, 4))
def test_a_worker_may_die_at_any_moment_of_a_one_time_sale(
    counter: Counter, dies_after: int
) -> None:
    """Two orders, three licenses and their keys: none is lost or given twice."""
    live(counter, [], [Burst((-1,), dies_after)])


@pytest.mark.parametrize("dies_after", [9, 20, 31, 37])
def test_a_worker_may_die_on_postgresql_too(postgres_counter: Counter, dies_after: int) -> None:
    """Before a call, after its answer or at a commit, as on SQLite."""
    world = postgres_counter.world
    lost = world.passes().count("failed")

    live(postgres_counter, [], [Burst((-1,), dies_after)])

    assert world.passes().count("failed") == lost + 1
