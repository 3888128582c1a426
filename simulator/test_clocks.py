"""Test clocks: the objects of one shop say on which clock they live, and the clock says its time.

The simulator has one time for all; a test clock only shows it.
Source: docs.stripe.com/billing/testing/test-clocks
"""

from __future__ import annotations

from simulator.books import Books
from simulator.values import Obj

KEPT_SECONDS = 30 * 24 * 3600


def start_clock(books: Books) -> None:
    """From now on everything that can live on a clock lives on this one."""
    books.agreed.clock = books.add(
        {
            "id": books.new_id("test_helpers.test_clock"),
            "object": "test_helpers.test_clock",
            "created": books.now,
            "deletes_after": books.now + KEPT_SECONDS,
            "frozen_time": books.now,
            "livemode": books.livemode,
            "name": "simulator",
            "status": "ready",
            "status_details": {},
        }
    )


def show_time(books: Books) -> None:
    """The clock follows the simulator's time."""
    clock: Obj | None = books.agreed.clock
    if clock is not None:
        clock["frozen_time"] = books.now
