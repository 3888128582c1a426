"""The page says what of a sale's history is not kept any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from console.fulfillments.values import Fulfillment
from console.story.pruned import say_pruned
from console.story.values import Delivered, Passed, Queued, Story
from shared.keys import SaleKey, StripeId
from shared.retention import Retention
from tests.worlds.sales import NOW

KEY = SaleKey("", False, "subscription", StripeId("sub_1"))
KEPT = Retention(events=40, passes=400)


def story(*told: Delivered | Passed) -> Story:
    at_rest = Queued(1, 1, NOW, NOW, 0, None)
    return Story(KEY, "applied", "cus_1", {}, at_rest, told, (), ())


def passed(days_ago: int) -> Passed:
    at = NOW - timedelta(days=days_ago)
    nothing: tuple[()] = ()
    row = Fulfillment(
        1, KEY, nothing, "applied", nothing, nothing, None, nothing, None, nothing, at, at, None
    )
    return Passed(row, "shop:1:1", ())


def delivered(days_ago: int) -> Delivered:
    at = NOW - timedelta(days=days_ago)
    return Delivered("evt_1", "invoice.paid", "recorded", None, "in_1", at, at)


def test_a_sale_that_is_told_whole_says_nothing_of_it() -> None:
    """Neither a new one nor an old one whose deliveries are still there."""
    assert say_pruned(story(delivered(9), passed(9)), KEPT, now=NOW) == []
    assert say_pruned(story(delivered(99), passed(99)), KEPT, now=NOW) == []
    assert say_pruned(story(), KEPT, now=NOW) == []


def test_passes_that_were_forgotten_are_told_with_the_day() -> None:
    """The oldest that is left is not the first."""
    told = replace(story(delivered(9), passed(9)), pruned=True)

    assert say_pruned(told, KEPT, now=NOW) == [
        "Passes from before 2026-11-12 are not kept any more."
    ]


def test_deliveries_that_were_forgotten_are_told_where_a_pass_is_older_than_they_may_be() -> None:
    """Else a reader would think that nothing ever came."""
    assert say_pruned(story(passed(99)), KEPT, now=NOW) == [
        "Deliveries from before 2026-10-12 are not kept any more."
    ]
