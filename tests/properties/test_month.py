"""A month of sales of every kind: heard again it changes nothing, and a lost database comes back.

The long ones tell the same of thousands of sales.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.tables import links, steps
from simulator.api.app import make_app
from tests.postgres import Cluster
from tests.worlds.heard import Heard
from tests.worlds.lost import begun_anew, licensekit_as_it_is, linked
from tests.worlds.month import MANY, Month
from tests.worlds.object_sweeps import plans, sweep_objects
from tests.worlds.web import serve_app
from tests.worlds.world import World, make_deps, open_world

ROUNDS = 1  # of some fifty sales each
MANY_ROUNDS = 45
ADOPTING = {
    *("adopt-customer", "adopt-order", "adopt-subscription", "adopt-license"),
    *("reuse-license", "write-back"),  # what a buyer who came back goes on with
}


@dataclass(frozen=True, slots=True)
class Past:
    """A month that is over, and where LicenseKit keeps what came of it."""

    month: Month
    folder: Path

    @property
    def world(self) -> World:
        return self.month.world


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    """Nothing in it may be changed by the tests: that is what they are about."""
    folder = tmp_path_factory.mktemp("month")
    with open_world(folder, test_clock=True) as world:
        month = Month(world)
        month.live(ROUNDS)
        yield Past(month, folder)


def hear_again(past: Past) -> tuple[Heard, Heard, int]:
    """Every event once more, under another name so that none is known; what the services heard."""
    world = past.world
    events = [{**one, "id": f"{one['id']}_again"} for one in past.month.shop.events()]
    stripe, licensekit = Heard(make_app(world.stripe)), Heard(world.books.moods)
    with serve_app(stripe) as stripe_url, serve_app(licensekit) as licensekit_url:
        deps = make_deps(world.engine, stripe_url, licensekit_url, world.clock)
        world.tell(events)
        passes = world.run(deps, most=MANY)
        deps.close()
    assert {(one.status, one.error) for one in passes} == {("settled", None)}
    return stripe, licensekit, len(passes)


def nothing_changes_when_all_is_heard_again(past: Past) -> None:
    world = past.world
    before = (world.rows(steps), world.rows(links), licensekit_as_it_is(past.folder))
    events = world.event_count()

    stripe, licensekit, passes = hear_again(past)

    assert passes >= sum(map(len, past.month.sold.values()))
    assert (stripe.writes(), licensekit.writes()) == ([], [])
    assert stripe.methods["GET"] > 0 < licensekit.methods["GET"]
    assert (world.rows(steps), world.rows(links), licensekit_as_it_is(past.folder)) == before
    assert world.event_count() == events


def a_lost_database_comes_back(past: Past, database_url: str) -> None:
    before, standing = linked(past.world), licensekit_as_it_is(past.folder)
    with begun_anew(past.world, database_url) as anew:
        found = plans(sweep_objects(anew))
        passes = anew.run(most=MANY)

        assert {(one.status, one.error) for one in passes} == {("applied", None)}
        assert (found.raised > 0, found.problems) == (True, {})
        assert found.changes.keys() <= ADOPTING
        assert linked(anew) == before
        assert licensekit_as_it_is(past.folder) == standing
        assert {row.step.partition(" ")[0] for row in anew.rows(steps)} <= {
            "adopt",
            "reuse",
            "write",
        }
        anew.raise_all()
        assert {one.status for one in anew.run(most=MANY)} == {"settled"}


def test_hearing_a_whole_month_again_changes_nothing(past: Past) -> None:
    """No step, no write to Stripe, and of LicenseKit nothing is asked but to read."""
    nothing_changes_when_all_is_heard_again(past)


def test_a_lost_database_comes_back_from_what_stripe_and_licensekit_kept(
    past: Past, sqlite_url: str
) -> None:
    """Each sale is linked to the licenses it has: none is issued, changed or taken away."""
    a_lost_database_comes_back(past, sqlite_url)


def test_the_month_has_sales_of_every_kind(past: Past) -> None:
    """Else the two above would say little: every step was taken, but those of accidents."""
    taken = {row.key.partition("/")[0] for row in past.world.rows(steps)}

    assert taken >= {
        *("ensure-customer", "update-customer", "record-order", "record-subscription"),
        *("issue-license", "renew-license", "revoke-license", "suspend-license"),
        *("reinstate-license", "reuse-license", "assign-feature", "write-back"),
    }
    assert past.world.problems() == []


@pytest.mark.soak
def test_thousands_of_sales_heard_again_and_found_again(
    tmp_path: Path, cluster: Cluster, postgres_template: str
) -> None:
    """The same, for as long as one likes to wait, and on PostgreSQL in the end."""
    with open_world(tmp_path, test_clock=True) as world:
        past = Past(Month(world), tmp_path)
        past.month.live(MANY_ROUNDS)
        nothing_changes_when_all_is_heard_again(past)
        with cluster.database(template=postgres_template) as url:
            a_lost_database_comes_back(past, url)
