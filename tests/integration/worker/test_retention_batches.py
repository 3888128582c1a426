"""What is to be forgotten is looked at twice: once to find it, and once more when it goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from structlog.testing import capture_logs

from shared import tables
from shared.database import transaction
from shared.retention import Retention
from tests.integration.console.journal import NOON, Journal
from tests.integration.worker.history import OLD, ids
from worker import retention
from worker.retention import prune

DAYS = Retention(events=40, passes=40, audit=40, sweeps=40)


def test_a_sale_that_became_a_problem_meanwhile_keeps_its_passes(engine: Engine) -> None:
    """Whoever mends it wants to read how it came to be; once that is mended they go."""
    old = Journal(engine, OLD)
    sale = old.sale("sub_1")
    passes = [old.closed(sale) for _ in range(3)]

    def goes_wrong() -> bool:
        """Asked between the look and the first batch."""
        old.problem(sale, "guard", "sub_1", "look")
        return False

    kept = prune(engine, DAYS, now=NOON, stopped=goes_wrong)
    assert (kept["passes"], ids(engine, tables.passes)) == (0, passes)

    with transaction(engine) as tx:
        tx.execute(tables.problems.delete())
    assert prune(engine, DAYS, now=NOON)["passes"] == 2
    assert ids(engine, tables.passes) == passes[-1:]


def test_a_run_takes_the_oldest_and_leaves_the_rest_to_the_next(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backlog of years costs no run more than its share."""
    old = Journal(engine, OLD)
    monkeypatch.setattr(retention, "MOST_ROWS", 3)
    monkeypatch.setattr(retention, "BATCH", 2)
    names = []
    for age in (1, 5, 3, 4, 2):
        old.now = OLD - timedelta(days=age)
        names.append(old.event(f"evt_{age}"))
    by_age = dict(zip((1, 5, 3, 4, 2), names, strict=True))

    first = prune(engine, DAYS, now=NOON)
    rest = ids(engine, tables.events)
    second = prune(engine, DAYS, now=NOON)

    assert (first["events"], second["events"]) == (3, 2)
    assert rest == sorted([by_age[1], by_age[2]])


def test_what_goes_is_told_in_one_line_and_nothing_is_told_of_nothing(engine: Engine) -> None:
    """In numbers, by kind."""
    old = Journal(engine, OLD)
    old.event("evt_1")
    with capture_logs() as told:
        prune(engine, DAYS, now=NOON)
        prune(engine, DAYS, now=NOON)

    gone = {"events": 1, "passes": 0, "audit": 0, "sweeps": 0}
    assert told == [{"event": "history.pruned", "log_level": "info", "source": "retention", **gone}]


def test_each_kind_is_kept_by_its_own_days(engine: Engine) -> None:
    """A year of events may stay where passes are kept for a day."""
    old = Journal(engine, OLD)
    sale = old.sale("sub_1", wanted_generation=1, seen_generation=1)
    event = old.event("evt_1", sale)
    old.closed(sale)
    last = old.closed(sale)

    gone = prune(engine, Retention(events=100, passes=1, audit=1, sweeps=1), now=NOON)

    assert gone == {"events": 0, "passes": 1, "audit": 0, "sweeps": 0}
    assert (ids(engine, tables.events), ids(engine, tables.passes)) == ([event], [last])


def test_a_row_that_another_holds_just_now_is_left_to_the_next_run(
    postgres_url: str, engines: Callable[..., Engine]
) -> None:
    """A pass may be moving its hints at this moment; it is not waited for."""
    engine = engines(postgres_url)
    old = Journal(engine, OLD)
    held, free = old.event("evt_1"), old.event("evt_2")

    with engine.begin() as other:
        lock = sa.select(tables.events.c.id).where(tables.events.c.id == held)
        other.execute(lock.with_for_update())
        assert prune(engine, DAYS, now=NOON)["events"] == 1
        assert ids(engine, tables.events) == [held]
    assert free not in ids(engine, tables.events)
    assert prune(engine, DAYS, now=NOON)["events"] == 1
