"""Whatever buyers, sellers, banks, networks and machines do: licenses follow the rulebook.

A failing life is printed as the rules it called, one a line.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from console.context import CommandError
from console.decisions import Verb, Wish, decide
from shared.events.routing import ROUTES
from shared.keys import SaleKey, StripeId, kind_of
from tests.properties.changes import ChangingLife
from tests.properties.crashes import Crash, fused
from tests.properties.lives import which
from tests.properties.rulebook import Dues, dues_of
from tests.properties.standing import (
    Ends,
    orders,
    standing,
    strays,
    wanted,
    wanted_orders,
)
from tests.worlds.world import Event, open_world
from worker.lease import LEASE_SECONDS
from worker.state import Decision

# whole worlds are slow to shrink; a failing life is told as it was
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)

something_sold = precondition(lambda life: bool(life.sold))


class AnyLife(ChangingLife):
    """A life, what we hear of it, and what stands when all is quiet."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: Ends = defaultdict(set)
        self.decided: dict[str, Decision | None] = {}

    @something_sold
    @rule(
        picks=st.lists(st.integers(0, 60), max_size=6),
        dies=st.one_of(
            st.none(),
            st.tuples(st.just("at any moment"), st.integers(0, 70)),
            st.tuples(st.just("changing a license"), st.integers(0, 5)),
        ),
    )
    def some_is_heard(self, picks: list[int], dies: tuple[str, int] | None) -> None:
        """Events in any order, some twice, some never; the worker may die on the way."""
        when, moments = dies or ("", None)
        events = self.events()
        self.remember_ends()
        self.world.tell([events[-1 - pick % len(events)] for pick in picks])
        changes_only = when == "changing a license"
        with fused(self.world.engine, self.world.deps, changes_only=changes_only) as (fuse, deps):
            fuse.left = moments
            try:
                self.world.run(deps)
            except Crash:
                self.world.clock.move(seconds=LEASE_SECONDS)

    @something_sold
    @rule(nth=which, verb=st.sampled_from(["hold", "cancel", "release", "release"]))
    def a_person_decides(self, nth: int, verb: Verb) -> None:
        """About one sale; what can't be decided is told and changes nothing."""
        sale = self.sold[nth % len(self.sold)]
        kind = kind_of(sale)
        assert kind is not None
        wish = Wish(verb, "they know why", "ada@desk")
        with suppress(CommandError):
            key = SaleKey("", False, kind, StripeId(sale))
            ruling = decide(self.world.engine, key, wish, now=self.world.clock.now())
            self.decided[sale] = ruling.after

    @something_sold
    @rule(days=st.sampled_from([0, 1, 32]))
    def all_is_quiet(self, days: int) -> None:
        """Some days later every sale is known and looked at: what stands is due, and stays so."""
        self.world.stripe.advance(days=days)
        self.remember_ends()
        self.world.tell([event for sale in self.sold for event in self.last_of(sale)])
        self.look_at_all("applied", "settled")
        for sale in self.sold:
            due = self.due(sale)
            assert standing(self.world, sale, due, self.ends) == wanted(due)
        assert strays(self.world, self.shelf.product, self.sold) == []
        assert orders(self.world, self.shelf.product) == wanted_orders(self.shop.books, self.sold)
        self.look_at_all("settled")

    def remember_ends(self) -> None:
        """An end that a pass saw stays, unless what paid for it was taken back."""
        for sale in self.sold:
            for place, due in self.due(sale).items():
                if due.until is not None:
                    self.ends[place].add(due.until)

    def teardown(self) -> None:
        try:
            if self.sold:
                self.all_is_quiet(days=0)
        finally:
            super().teardown()

    def look_at_all(self, *ends: str) -> None:
        self.world.raise_all(*self.sold)
        self.world.clock.move(hours=1)
        passes = self.world.run()
        assert {(closed.status, closed.error) for closed in passes} <= {(end, None) for end in ends}

    def due(self, sale: str) -> Dues:
        """By the rulebook, unless a person decided otherwise."""
        due = dues_of(self.shop.books, sale, self.shelf.offers)
        decision = self.decided.get(sale)
        if decision is None:
            return due
        held = {place: replace(one, held=True) for place, one in due.items()}
        return held if decision.kind == "hold" else {}

    def last_of(self, sale: str) -> list[Event]:
        """The last event about the sale itself that we listen to, if any came."""
        mine = (event for event in self.events() if event["data"]["object"]["id"] == sale)
        return [event for event in mine if event["type"] in ROUTES][-1:]


def play(folder: Path, *, lives: int, steps: int) -> None:
    """All in one world, each life with a shelf of its own; Stripe's objects are on a test clock."""
    with open_world(folder, test_clock=True) as world:
        AnyLife.world = world
        run_state_machine_as_test(
            AnyLife, settings=settings(max_examples=lives, stateful_step_count=steps, phases=QUICK)
        )


def test_whatever_happens_licenses_follow_the_rulebook(tmp_path: Path) -> None:
    """No access ends early, none is left too long, nothing is issued twice, all comes to rest."""
    play(tmp_path, lives=25, steps=20)


@pytest.mark.soak
@pytest.mark.parametrize("volume", range(20))
def test_many_long_lives_follow_the_rulebook(volume: int, tmp_path: Path) -> None:
    """The same, for as long as one likes to wait; a new world for every volume of lives."""
    play(tmp_path, lives=100, steps=50)
