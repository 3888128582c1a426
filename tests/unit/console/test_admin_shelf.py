"""What a service said lately is not asked for again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from console.admin.shelf import KEPT_FOR, Shelf

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_an_answer_is_kept_for_a_minute_and_no_longer() -> None:
    """Pages of one list cost one call; a new price shows within the minute."""
    shelf, numbers = Shelf[int](), count(1)
    moments = [NOW, NOW + timedelta(seconds=59), NOW + KEPT_FOR]

    told = [shelf.take("a", lambda: next(numbers), now=now) for now in moments]

    assert [kept.value for kept in told] == [1, 1, 2]
    assert [kept.read_at for kept in told] == [NOW, NOW, NOW + KEPT_FOR]


def test_whoever_asks_for_a_fresh_answer_gets_one_and_so_does_the_next() -> None:
    """What was read is kept for all."""
    shelf, numbers = Shelf[int](), count(1)

    told = [shelf.take("a", lambda: next(numbers), now=NOW, fresh=f) for f in (False, True, False)]

    assert [kept.value for kept in told] == [1, 2, 2]


def test_accounts_are_kept_apart() -> None:
    """One never sees what another sells."""
    shelf = Shelf[str]()

    assert [shelf.take(key, key.upper, now=NOW).value for key in ("a", "b", "a")] == ["A", "B", "A"]


def test_an_error_is_not_kept() -> None:
    """The next one asks again, and may find the service up."""
    shelf = Shelf[float]()
    with pytest.raises(ZeroDivisionError):
        shelf.take("a", lambda: 1 / 0, now=NOW)

    assert shelf.take("a", lambda: 1.0, now=NOW).value == 1.0
