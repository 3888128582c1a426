"""Parameters are read with care: typed, and none overlooked."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.errors import StripeFault
from simulator.params import Params


def test_a_parameter_that_nobody_took_is_refused() -> None:
    """By name, the first in the alphabet."""
    params = Params({"b": "1", "a": "2", "name": "Ada"})
    params.text("name")

    with pytest.raises(StripeFault) as refused:
        params.refuse_unknown()

    assert (refused.value.fields["param"], refused.value.fields["code"]) == (
        "a",
        "parameter_unknown",
    )


@pytest.mark.parametrize(("given", "read"), [("7", 7), (7, 7), (None, 3)])
def test_a_number_may_come_as_text(given: Any, read: int) -> None:
    """From a form or from Python; the default when it is absent."""
    assert Params({"n": given}).number("n", 3) == read


@pytest.mark.parametrize("given", ["", "many", "1.5", []])
def test_what_is_no_whole_number_is_refused(given: Any) -> None:
    """With Stripe's code for it."""
    with pytest.raises(StripeFault) as refused:
        Params({"n": given}).number("n", 3)

    assert refused.value.fields["code"] == "parameter_invalid_integer"


@pytest.mark.parametrize(
    ("given", "read"), [("true", True), ("false", False), (True, True), (None, True)]
)
def test_a_flag_may_come_as_text(given: Any, read: bool) -> None:
    """`true` and `false`, and the default when it is absent."""
    assert Params({"f": given}).flag("f", default=True) is read


def test_a_flag_that_is_neither_is_refused() -> None:
    """`yes` is not Stripe's spelling."""
    with pytest.raises(StripeFault, match="Invalid boolean"):
        Params({"f": "yes"}).flag("f", default=True)


def test_a_parameter_that_is_needed_is_asked_for() -> None:
    """Empty is as good as absent."""
    for given in ({}, {"name": ""}):
        with pytest.raises(StripeFault, match="Missing required param: name"):
            Params(given).needed("name")


def test_a_group_is_read_like_parameters_of_its_own() -> None:
    """Absent it is empty, or None where that matters."""
    params = Params({"recurring": {"interval": "month"}})

    assert params.group("recurring").text("interval") == "month"
    assert params.group("other").text("x") is None
    assert params.group_or_none("other") is None
