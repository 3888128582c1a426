"""The contents of the command line and of the web process, held in one place each."""

from __future__ import annotations

from importlib import import_module

import pytest

from console.cli import COMMANDS
from console.demo.acts import Sales
from console.demo.messenger import Weather
from console.story.find import Found

CONTRACT = [
    "init", "up", "demo", "log", "show", "problems", "keys", "plan", "reconcile", "retry", "sweep",
    "adopt", "hold", "cancel", "release", "audit", "export", "mappings", "accounts", "tokens", "db",
    "check",
]  # fmt: skip


def test_the_command_line_has_the_commands_that_were_promised() -> None:
    """Others build on these names."""
    assert list(COMMANDS) == CONTRACT


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_stands_in_a_module_that_says_what_it_is_for(name: str) -> None:
    """The docstring is the first thing a reader opens the file for."""
    module = import_module(COMMANDS[name])

    assert f"`fulfill {name}" in (module.__doc__ or "")


def test_nothing_found_is_false_and_anything_found_is_true() -> None:
    """So that a search reads as a question."""
    assert not Found()
    assert Found(sale_ids=(1,))
    assert Found(event_ids=(1,))


def test_the_four_sales_are_told_in_the_order_of_the_play() -> None:
    """The last two are the ones that must end alike."""
    sales = Sales("cs_1", "cs_2", "sub_3", "sub_4")

    assert list(sales.titles) == ["cs_1", "cs_2", "sub_3", "sub_4"]
    assert [title[:2] for title in sales.titles.values()] == ["1.", "2.", "3.", "4."]


def test_a_storm_is_told_in_one_sentence() -> None:
    """How many, how many lost, how often the others."""
    assert str(Weather(5, 2, 3)) == (
        "5 events: 2 dropped, the others delivered 3 times each, in any order"
    )
