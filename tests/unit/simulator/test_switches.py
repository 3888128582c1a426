"""What can be made to go wrong."""

from __future__ import annotations

import pytest

from simulator.switches import Switches


def test_nothing_goes_wrong_unless_asked() -> None:
    """The defaults are a good day."""
    switches = Switches()

    assert (switches.duplicate, switches.shuffle, switches.drop, switches.hold) == (
        1,
        False,
        0.0,
        False,
    )
    assert (switches.answer_429, switches.answer_500, switches.fail_next) == (0.0, 0.0, ())


def test_what_is_not_named_stays_as_it_was() -> None:
    """Switches are turned one by one."""
    switches = Switches().changed(duplicate=3).changed(shuffle=True)

    assert (switches.duplicate, switches.shuffle) == (3, True)


@pytest.mark.parametrize(
    "values",
    [{"duplicates": 2}, {"duplicate": "many"}, {"fail_next": [404]}, {"drop": "half"}],
)
def test_a_switch_that_does_not_exist_or_fit_is_refused(values: dict[str, object]) -> None:
    """With a reason that names it."""
    with pytest.raises(ValueError, match="these switches can't be set"):
        Switches().changed(**values)
