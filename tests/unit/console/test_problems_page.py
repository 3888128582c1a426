"""The page of problems: what a person who was woken reads, from top to bottom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from console.problems.page import problems_page
from console.problems.values import Place, ProblemGroup, Stake, Words

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

GROUP = ProblemGroup(
    place=Place("unmapped_price", "price_1", "acct_1", livemode=True),
    words=Words("price_1 sells nothing.", "They paid.", "", "fulfill mappings set price_1"),
    count=1,
    unit="line",
    stake=Stake(1, 1, {"eur": 4900, "jpy": 500}),
    since=NOON,
    ids=("cs_1",),
    says="price_1 has no mapping",
)


def lines(*groups: ProblemGroup) -> list[str]:
    return problems_page(groups).plain.splitlines()


def test_a_group_tells_what_whom_how_much_since_when_and_what_to_type() -> None:
    """In this order, each on a line that can be copied."""
    assert lines(GROUP) == [
        "unmapped_price price_1 acct_1  1 line: 1 sale of 1 buyer who paid 49.00 EUR + 500 JPY, "
        "since 2026-11-20 12:00:00",
        "  price_1 sells nothing.",
        "  Buyers: They paid.",
        "  One says: price_1 has no mapping",
        "  cs_1",
        "  To do: fulfill mappings set price_1",
    ]


def test_what_has_to_be_done_first_stands_before_the_command() -> None:
    """A command that is run too early finds the same problem again."""
    words = replace(GROUP.words, first="Restore the license.")

    assert lines(replace(GROUP, words=words))[-2:] == [
        "  First: Restore the license.",
        "  Then: fulfill mappings set price_1",
    ]


def test_a_group_that_was_not_counted_to_the_end_says_so() -> None:
    """And how to see the rest."""
    stake = Stake(1000, 990, {}, at_least=True)
    told = lines(replace(GROUP, count=5000, stake=stake))

    assert "5,000 lines: at least 1,000 sales of 990 buyers, since" in told[0]
    assert told[4] == "  cs_1  … see all with --all"


def test_sales_are_not_counted_twice() -> None:
    """Where a group counts sales anyway, one number is enough."""
    told = lines(replace(GROUP, unit="sale", count=2, stake=Stake(2, 1)))

    assert told[0].startswith("unmapped_price price_1 acct_1  2 sales of 1 buyer, since")


def test_events_have_no_sales_yet() -> None:
    """So only the events are counted."""
    told = lines(replace(GROUP, unit="event", count=3, stake=Stake(at_least=True)))

    assert told[0].startswith("unmapped_price price_1 acct_1  3 events, since")


def test_a_quiet_night_is_told_in_one_line() -> None:
    """Nobody has to read a page to go back to sleep."""
    assert lines() == ["Nothing waits for a person."]
