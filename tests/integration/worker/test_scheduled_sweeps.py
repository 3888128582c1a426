"""How the scheduler carries out a sweep that somebody asked for, and how each of its runs ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from structlog.testing import capture_logs

from shared.accounts import ServedAccount
from shared.queue import Waker
from shared.settings import Settings
from shared.tables import sweep_marks
from tests.integration.worker.sweep.wishes import WISH, ask, read, rows
from tests.worlds.clock import FixedClock
from tests.worlds.sales import NOW
from tests.worlds.scripted import Answer, Script, stripe_fault
from worker.gateways.stripe_lists import StripeLists
from worker.schedule import MOST_THREADS, PUT_OFF_SECONDS, Long, open_means, open_round
from worker.sweep.events import EventLook
from worker.sweep.kinds import KINDS
from worker.sweep.requests import SweepWish
from worker.sweep.rounds import AccountLook

EMPTY = Answer(200, {"object": "list", "data": [], "has_more": False})
DRY = SweepWish(None, dry_run=True, forced=False, asked_by="ada@desk")


@pytest.fixture
def engine(sqlite_url: str, engines: Callable[..., Engine]) -> Engine:
    """What is asked here of the database is asked of both kinds elsewhere."""
    return engines(sqlite_url)


@pytest.fixture
def long(
    engine: Engine, script: Script, make_settings: Callable[..., Settings], sqlite_url: str
) -> Long:
    """The tasks of a scheduler whose Stripe says what it is told."""
    script.says(EMPTY)
    settings = make_settings(
        DATABASE_URL=sqlite_url, STRIPE_API_BASE=script.url, STRIPE_ACCOUNTS="acct_1"
    )
    return Long(settings, engine, Waker(""), FixedClock(), threading.Event())


def test_where_nobody_asked_nothing_is_read(long: Long, script: Script) -> None:
    """The usual case, twice a minute."""
    long.sweep_objects()

    assert script.asked == []


def test_a_sweep_over_an_empty_shop_reads_each_list_once_and_is_done(
    long: Long, script: Script, engine: Engine
) -> None:
    """Of each account that is served; a second one is left to the next run."""
    first, second = ask(engine, DRY), ask(engine, WISH)

    long.sweep_objects()

    done = read(engine, first)
    assert (done.state, done.finished_at, done.error) == ("done", NOW, None)
    assert done.report is not None
    assert (done.report["sales"], done.report["unread"]) == (0, {})
    assert [asked.path for asked in script.asked] == [kind.path for kind in KINDS] * 2
    assert {name: at["done"] for name, at in done.progress.items()} == {
        f"{account}/test/{kind.name}": True for account in ("own", "acct_1") for kind in KINDS
    }
    assert read(engine, second).state == "wanted"


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [("16", PUT_OFF_SECONDS), ("60", 60), ("3600", 3_600)],
    ids=["a short one", "a minute", "an hour"],
)
def test_a_stripe_that_is_away_puts_the_sweep_off_with_the_reason(
    long: Long, script: Script, engine: Engine, wish: str, seconds: float
) -> None:
    """For a minute at least, and as long as Stripe itself wishes; nobody has to ask again."""
    sweep_id = ask(engine, DRY)
    busy = stripe_fault(429, type="invalid_request_error", message="Slow down")
    script.says(Answer(429, busy.body, {**busy.headers, "Retry-After": wish}))

    with capture_logs() as told:
        long.sweep_objects()

    late = read(engine, sweep_id)
    assert late.state == "running"
    assert late.error == (
        "Stripe asks us to slow down: Slow down. The sale is tried again by itself."
    )
    assert (late.token, late.leased_until) == (None, NOW + timedelta(seconds=seconds))
    assert [line["sweep"] for line in told if line["event"] == "sweep.put_off"] == [sweep_id]

    script.says(EMPTY)
    long.sweep_objects()
    assert read(engine, sweep_id) == late  # its time has not come
    assert isinstance(long.clock, FixedClock)
    long.clock.move(seconds=seconds)
    long.sweep_objects()
    assert (read(engine, sweep_id).state, read(engine, sweep_id).error) == ("done", None)


def test_a_scheduler_that_is_stopped_gives_the_sweep_back_at_once(
    long: Long, script: Script, engine: Engine
) -> None:
    """Another takes it up in the next moment and goes on after what was read."""
    sweep_id = ask(engine, DRY)
    long.stopping.set()

    long.sweep_objects()

    halted = read(engine, sweep_id)
    assert (halted.state, halted.error) == ("running", "the scheduler was stopped")
    assert (halted.token, halted.leased_until) == (None, NOW)
    assert script.asked == []
    long.stopping.clear()
    long.sweep_objects()
    assert read(engine, sweep_id).state == "done"


def test_a_sweep_takes_no_more_threads_than_it_may(
    long: Long, engine: Engine, make_settings: Callable[..., Settings], sqlite_url: str
) -> None:
    """A worker of sixty-four threads has passes to run beside it."""
    found = []
    for threads in ("2", "64"):
        settings = make_settings(DATABASE_URL=sqlite_url, FULFILL_WORKER_THREADS=threads)
        with open_means(settings, engine, long.clock, lambda: None) as means:
            found.append((means.threads, list(means.accounts)))

    own = [ServedAccount("", False)]
    assert found == [(2, own), (MOST_THREADS, own)]


def looks(long: Long, **more: Any) -> list[AccountLook]:
    with open_round(long.settings, long.engine, long.clock) as events:
        return list(events.look())


def test_a_first_look_begins_the_mark_of_each_account(
    long: Long, script: Script, engine: Engine
) -> None:
    """One request each: what was sold before is not ours to take."""
    found = looks(long)

    ended = NOW - timedelta(minutes=1)
    assert [look.found for look in found] == [
        EventLook(ServedAccount(name, False), ended, ended) for name in ("", "acct_1")
    ]
    assert [asked.query for asked in script.asked] == [{"limit": "1"}] * 2
    assert rows(engine, sweep_marks) == 2


def test_one_account_that_can_not_be_read_stops_no_other(
    long: Long, script: Script, engine: Engine
) -> None:
    """It is told why, has no mark, and is looked at again in the next round."""
    script.says(stripe_fault(403, type="invalid_request_error", message="No access"), EMPTY)

    failed, found = (look.as_json() for look in looks(long))

    assert (failed["account"], failed["livemode"]) == (None, False)
    assert failed["error"].startswith("Stripe refused our key: No access.")
    assert found == {
        "account": "acct_1",
        "livemode": False,
        "events": 0,
        "never_delivered": 0,
        "sales_raised": 0,
        "swept_from": "2026-11-21T11:59:00Z",
        "swept_until": "2026-11-21T11:59:00Z",
        "lost_since": None,
    }
    assert rows(engine, sweep_marks) == 1


def test_events_that_are_lost_say_since_when() -> None:
    """For whoever reads the page: from then on only the objects tell."""
    look = EventLook(ServedAccount("acct_1", True), NOW, NOW, 3, 2, 1, lost_since=NOW)

    assert AccountLook(look.account, look).as_json() == {
        "account": "acct_1",
        "livemode": True,
        "events": 3,
        "never_delivered": 2,
        "sales_raised": 1,
        "swept_from": "2026-11-21T12:00:00Z",
        "swept_until": "2026-11-21T12:00:00Z",
        "lost_since": "2026-11-21T12:00:00Z",
    }


@pytest.mark.parametrize("keys", [None, "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="])
def test_a_round_needs_no_more_than_the_stripe_key(
    long: Long, make_settings: Callable[..., Settings], sqlite_url: str, keys: str | None
) -> None:
    """Only accounts that installed our app are read with tokens that our own keys open."""
    settings = make_settings(DATABASE_URL=sqlite_url, FULFILL_ENCRYPTION_KEYS=keys)

    with open_round(settings, long.engine, long.clock) as events:
        lists = events.lists_of(ServedAccount("", False))

    assert isinstance(lists, StripeLists)
