"""Ids that look like Stripe's."""

from __future__ import annotations

import pytest

from simulator.ids import PREFIXES, Ids


@pytest.mark.parametrize(("kind", "prefix"), PREFIXES.items())
def test_an_id_tells_its_kind_by_its_prefix(kind: str, prefix: str) -> None:
    """People and code alike look at the prefix."""
    made = Ids().new(kind)

    assert made.startswith(prefix)
    assert len(made) >= len(prefix) + 14


def test_the_id_of_a_session_tells_its_mode() -> None:
    """Test and live sessions can be told apart by eye."""
    ids = Ids()

    assert ids.new("checkout.session").startswith("cs_test_")
    assert ids.new("checkout.session", livemode=True).startswith("cs_live_")


def test_the_same_seed_gives_the_same_ids() -> None:
    """So that a failing story can be played again."""
    first, second = Ids(5), Ids(5)

    assert [first.new("customer") for _ in range(3)] == [second.new("customer") for _ in range(3)]


def test_without_a_seed_two_simulators_never_meet() -> None:
    """Their ids may lie in one database."""
    assert Ids().new("event") != Ids().new("event")


def test_ids_don_t_repeat() -> None:
    """A thousand of them are a thousand."""
    ids = Ids(1)

    assert len({ids.new("customer") for _ in range(1000)}) == 1000
