"""`fulfill problems`: it shows what waits, and what it tells to type releases it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.console.conftest import Fulfill
from tests.integration.console.journal import Journal
from tests.worlds.world import World, open_world


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    with open_world(tmp_path, database_url) as running:
        yield running


def groups(fulfill: Fulfill, *words: str) -> list[dict[str, Any]]:
    answer = fulfill("problems", *words, "--json")
    assert answer.exit_code == 0, answer.output
    return list(json.loads(answer.stdout))


def test_a_quiet_night_is_told_in_one_line(fulfill: Fulfill) -> None:
    """Nothing waits, so there is nothing to read."""
    assert fulfill("problems").stdout == "Nothing waits for a person.\n"
    assert groups(fulfill) == []


def test_one_cause_alone_can_be_asked_for(fulfill: Fulfill, journal: Journal) -> None:
    """And all of its ids."""
    sale = journal.sale("cs_1")
    journal.problem(sale, "unmapped_price", "price_1", "map it")
    journal.problem(sale, "guard", "cs_1", "too much")

    assert [one["cause"] for one in groups(fulfill, "--cause", "guard", "--all")] == ["guard"]


def test_the_command_that_is_shown_releases_the_buyers(world: World, fulfill: Fulfill) -> None:
    """Copied as it stands, but for the policy that only the seller knows."""
    policy = world.books.policy("perpetual")
    price = world.stripe.shop.price("Editor", 4900)
    world.stripe.shop.buy(price)
    world.hear_all()
    (unmapped,) = groups(fulfill, "--cause", "unmapped_price")
    assert unmapped["waiting"]["paid"][0]["amount"] == "49.00 USD"

    command = unmapped["command"].replace("pol_…", policy.id)
    answer = fulfill(*shlex.split(command)[1:], "--product", policy.product_id)
    world.come_due()  # the command was typed by the wall clock, not by the world's
    world.run()

    assert answer.exit_code == 0, answer.output
    (license_,) = world.books.licenses(policy.product_id)
    (undelivered,) = groups(fulfill)
    assert undelivered["command"] == f"fulfill keys show {license_['id']}"
    shown = fulfill(*shlex.split(undelivered["command"])[1:], "--yes")
    assert world.books.accepts(shown.stdout.split()[1])
    assert groups(fulfill) == []
