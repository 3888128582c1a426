"""What the demo looks at while it waits: is all at rest, and who is at work?"""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine

from console.demo.waiting import TooSlow, wait_until
from console.demo.watching import at_rest, worker_at
from tests.integration.console.journal import Journal


def test_a_shop_without_sales_is_at_rest(engine: Engine) -> None:
    """Nothing is due and nobody is at work."""
    assert at_rest(engine)


def test_a_sale_that_is_due_is_not_at_rest(engine: Engine, journal: Journal) -> None:
    """Its pass is still to come."""
    journal.sale("sub_1", wanted_generation=2, seen_generation=1)

    assert not at_rest(engine)


def test_a_pass_that_runs_is_not_at_rest_and_tells_its_worker(
    engine: Engine, journal: Journal
) -> None:
    """Whoever wants to disturb a worker must know which."""
    sale = journal.sale("sub_1")
    journal.closed(sale)
    assert at_rest(engine)
    assert worker_at(engine, "sub_1") is None

    running = journal.closed(sale, "running", worker="shop:4711:3")

    assert not at_rest(engine)
    assert worker_at(engine, "sub_1") is None  # not in the middle yet
    journal.step(running, "find or create customer cus_1")
    assert worker_at(engine, "sub_1") == 4711
    assert worker_at(engine, "sub_2") is None


def test_waiting_ends_as_soon_as_the_condition_holds() -> None:
    """Not a moment is waited for its own sake."""
    asked: list[int] = []

    wait_until(lambda: asked.append(1) or len(asked) == 3, "the third look")  # type: ignore[func-returns-value]

    assert len(asked) == 3


def test_waiting_for_what_never_comes_names_it() -> None:
    """A demo that hangs would tell nothing."""
    with pytest.raises(TooSlow, match="a miracle"):
        wait_until(lambda: False, "a miracle", seconds=0)
