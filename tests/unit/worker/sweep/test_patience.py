"""What passes by itself is waited for, a few times and not for long."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from worker.errors import NotFound, TemporaryError
from worker.sweep.looks import LONGEST_WAIT_SECONDS, SHORTEST_WAIT_SECONDS, TRIES, patiently


class Waits(threading.Event):
    """An event that is set after so many waits, and writes down how long each was to be."""

    def __init__(self, stops_after: int = 1_000) -> None:
        super().__init__()
        self.seconds: list[float | None] = []
        self._stops_after = stops_after

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout)
        return len(self.seconds) >= self._stops_after


def work(*outcomes: Exception | str) -> tuple[Iterator[Exception | str], Callable[[], str]]:
    """The outcomes that are left, and what brings them one by one."""
    left = iter(outcomes)

    def once() -> str:
        outcome = next(left)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return left, once


def busy(seconds: float | None = None) -> TemporaryError:
    return TemporaryError("busy", after_seconds=seconds)


@pytest.mark.parametrize(
    ("wish", "waited"),
    [
        (None, SHORTEST_WAIT_SECONDS),
        (0.0, SHORTEST_WAIT_SECONDS),
        (2.5, 2.5),
        (LONGEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS),
    ],
)
def test_it_waits_as_long_as_the_service_wishes(wish: float | None, waited: float) -> None:
    """A second where it names no time."""
    stopping = Waits()
    _, once = work(busy(wish), "done")

    assert patiently(once, stopping) == "done"
    assert stopping.seconds == [waited]


def test_a_longer_wish_is_the_callers_to_decide_on() -> None:
    """The sweep is put off meanwhile, instead of a thread that sits there."""
    stopping = Waits()
    left, once = work(busy(LONGEST_WAIT_SECONDS + 0.1), "done")

    with pytest.raises(TemporaryError):
        patiently(once, stopping)
    assert (stopping.seconds, list(left)) == ([], ["done"])


def test_the_last_try_raises_what_it_met() -> None:
    """Four tries in all, with a wait between each two."""
    stopping = Waits()
    tries: list[Exception | str] = [busy() for _ in range(TRIES)]
    left, once = work(*tries, "never asked for")

    with pytest.raises(TemporaryError) as met:
        patiently(once, stopping)
    assert met.value is tries[-1]
    assert stopping.seconds == [SHORTEST_WAIT_SECONDS] * (TRIES - 1)
    assert list(left) == ["never asked for"]


def test_who_is_stopped_while_it_waits_tries_no_more() -> None:
    """Ctrl-C is answered at once."""
    left, once = work(busy(), busy(), "done")

    with pytest.raises(TemporaryError):
        patiently(once, Waits(stops_after=2))
    assert list(left) == ["done"]


def test_what_does_not_pass_by_itself_is_not_tried_again() -> None:
    """An object that is not there will not be there in a second."""
    stopping = Waits()
    left, once = work(NotFound("gone", cause="missing", subject="in_1"), "done")

    with pytest.raises(NotFound):
        patiently(once, stopping)
    assert (stopping.seconds, list(left)) == ([], ["done"])
