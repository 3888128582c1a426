"""What is old is forgotten in small batches, and nothing that a sale still needs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared import tables
from shared.database import reading, transaction
from shared.queue import Waker
from shared.retention import Retention
from shared.settings import Settings
from tests.integration.console.journal import NOON, Journal
from tests.integration.worker.history import OLD, ids
from tests.worlds.clock import FixedClock
from worker.retention import BATCH, prune
from worker.schedule import prune_task
from worker.scheduler import Scheduler

DAYS = Retention(events=40, passes=50, audit=60, sweeps=70)


@pytest.fixture
def old(engine: Engine) -> Journal:
    """A journal that writes what happened long ago."""
    return Journal(engine, OLD)


def insert(engine: Engine, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    with transaction(engine) as tx:
        tx.execute(sa.insert(table), rows)


def deed(at: datetime) -> dict[str, Any]:
    return {"at": at, "who": "ada@desk", "action": "retry", "subject": "", "detail": {}}


def asked(state: str) -> dict[str, Any]:
    wish = {"dry_run": False, "forced": False, "asked_by": "ada@desk", "asked_at": OLD}
    return {**wish, "state": state, "progress": {}}


def test_old_events_go_and_those_that_no_pass_has_seen_stay(engine: Engine, old: Journal) -> None:
    """A sale that is due still needs its hints, however long it has waited."""
    done = old.sale("sub_1", wanted_generation=1, seen_generation=1)
    due = old.sale("sub_2", wanted_generation=2, seen_generation=1)
    old.event("evt_seen", done)
    old.event("evt_ignored")
    old.event("evt_seen_too", due)
    unseen = old.event("evt_unseen", due)
    old.now = NOON
    fresh = old.event("evt_fresh", done)

    gone = prune(engine, DAYS, now=NOON)

    assert gone == {"events": 3, "passes": 0, "audit": 0, "sweeps": 0}
    assert ids(engine, tables.events) == [unseen, fresh]


def test_each_sale_keeps_its_last_pass_and_all_of_one_with_an_open_problem(
    engine: Engine, old: Journal
) -> None:
    """The steps of a pass go with it, and those of the others stay."""
    plain, waiting = old.sale("sub_1"), old.sale("sub_2")
    first, last = old.closed(plain), old.closed(plain)
    kept = [old.closed(waiting, "blocked"), old.closed(waiting, "blocked")]
    old.problem(waiting, "unmapped_price", "price_1", "map it")
    for number in (first, last, *kept):
        old.step(number, "issue license")

    gone = prune(engine, DAYS, now=NOON)

    assert gone["passes"] == 1
    assert ids(engine, tables.passes) == [last, *kept]
    assert len(ids(engine, tables.steps)) == 3


def test_a_pass_that_runs_does_not_make_the_one_before_it_old(engine: Engine, old: Journal) -> None:
    """The last that closed tells how the sale stands."""
    sale = old.sale("sub_1")
    closed, running = old.closed(sale), old.closed(sale, "running")

    prune(engine, DAYS, now=NOON)

    assert ids(engine, tables.passes) == [closed, running]


def test_old_deeds_and_sweeps_go_and_one_that_goes_on_stays(engine: Engine) -> None:
    """What a person asked for and nobody has finished is no history."""
    states = ["done", "refused", "failed", "wanted", "running", "stopped"]
    insert(engine, tables.sweeps, [asked(state) for state in states])
    insert(engine, tables.audit, [deed(OLD), deed(NOON)])

    gone = prune(engine, DAYS, now=NOON)

    assert (gone["sweeps"], gone["audit"]) == (3, 1)
    with reading(engine) as tx:
        left = list(tx.scalars(sa.select(tables.sweeps.c.state).order_by(tables.sweeps.c.id)))
    assert left == ["wanted", "running", "stopped"]


def test_a_row_is_kept_for_so_many_days_to_the_second(engine: Engine) -> None:
    """One that is exactly as old as allowed stays."""
    edge = NOON - timedelta(days=DAYS.audit)
    insert(engine, tables.audit, [deed(edge - timedelta(seconds=1)), deed(edge)])

    assert prune(engine, DAYS, now=NOON)["audit"] == 1
    assert len(ids(engine, tables.audit)) == 1


def test_many_rows_go_in_small_transactions_and_it_can_be_ended_between(engine: Engine) -> None:
    """Nobody who writes waits for more than one batch."""
    insert(engine, tables.audit, [deed(OLD)] * (2 * BATCH + 10))
    commits: list[int] = []
    sa.event.listen(engine, "commit", lambda _: commits.append(len(commits)))
    looks = iter([False, True])

    halted = prune(engine, DAYS, now=NOON, stopped=lambda: next(looks))
    before = len(commits)
    rest = prune(engine, DAYS, now=NOON)

    assert (halted["audit"], rest["audit"]) == (BATCH, BATCH + 10)
    assert len(commits) - before == 2 + len(DAYS.__slots__)  # two writes, and a read of each kind
    assert prune(engine, DAYS, now=NOON)["audit"] == 0


def test_what_is_no_history_is_never_forgotten(engine: Engine, old: Journal) -> None:
    """Sales, links, terms, keys and decisions stand for what a buyer has."""
    sale = old.sale("sub_1")
    old.link("license", "si_1/1", "lic_1", sale_id=sale, written={})
    old.sold_under(sale, "price_1", 1)
    decision = {"sale_id": sale, "kind": "hold", "reason": "so", "decided_by": "ada@desk"}
    insert(engine, tables.decisions, [{**decision, "decided_at": OLD}])

    prune(engine, Retention(31, 1, 1, 1), now=NOON)

    kept = (tables.sales, tables.links, tables.decisions)
    assert [len(ids(engine, table)) for table in kept] == [1, 1, 1]
    with reading(engine) as tx:
        assert len(tx.execute(sa.select(tables.sale_terms)).all()) == 1


def test_the_scheduler_forgets_what_is_old_by_the_setting(
    engine: Engine, make_settings: Callable[..., Settings]
) -> None:
    """Once in an hour, beside its other tasks."""
    insert(engine, tables.audit, [deed(OLD), deed(NOON)])
    settings = make_settings(FULFILL_RETENTION_DAYS="audit=90")
    clock = FixedClock()
    task = prune_task(engine, settings, clock, threading.Event())
    one = Scheduler(engine, Waker(""), clock, name="one", more=[task])

    ran = one.tick()
    one.wait(60)

    assert "prune" in ran
    assert len(ids(engine, tables.audit)) == 1
