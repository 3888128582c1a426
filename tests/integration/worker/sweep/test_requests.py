"""A sweep that somebody asked for: who carries it out holds its lease, from the wish to its end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.engine import Connection, Engine

from shared.database import reading, transaction
from tests.integration.worker.sweep.wishes import WISH, ask, keep, kept, key, read
from tests.worlds.sales import NOW, on
from worker.errors import LeaseBusy, LeaseLost
from worker.sweep.requests import (
    LEASE_SECONDS,
    Sweep,
    SweepWish,
    begin_sweep,
    finish,
    next_wanted,
    put_off,
    read_sweep,
    save,
    stop,
    take,
    take_next,
)

LATER = NOW + timedelta(seconds=LEASE_SECONDS)


def take_now(engine: Engine) -> Sweep:
    sweep = take_next(engine, now=NOW)
    assert sweep is not None
    return sweep


def test_a_wish_is_kept_as_it_was_asked_for(engine: Engine) -> None:
    """Nobody is at it yet, and nothing was read."""
    wish = SweepWish(on(2026, 5), dry_run=True, forced=True, asked_by="token:support ✓")
    sweep_id = ask(engine, wish)

    assert read(engine, sweep_id) == Sweep(
        id=sweep_id,
        wish=wish,
        state="wanted",
        progress={},
        report=None,
        error=None,
        asked_at=NOW,
        finished_at=None,
        token=None,
        leased_until=None,
    )


def test_a_number_that_nobody_gave_is_no_sweep(engine: Engine) -> None:
    """Whoever asks for it is told, and nothing breaks."""
    with reading(engine) as tx:
        assert read_sweep(tx, 1) is None
        assert next_wanted(tx, now=NOW) is None
    assert take_next(engine, now=NOW) is None


def test_who_begins_a_sweep_carries_it_out_alone(engine: Engine) -> None:
    """It is leased from its first moment, so no scheduler takes it beside them."""
    with transaction(engine) as tx:
        mine = begin_sweep(tx, WISH, NOW)

    assert (mine.state, mine.leased_until) == ("running", LATER)
    assert mine.token
    assert take_next(engine, now=LATER - timedelta(seconds=1)) is None
    assert take_next(engine, now=LATER) is not None  # they died


def test_the_oldest_wish_comes_first(engine: Engine) -> None:
    """By its number, whatever the clocks of those who asked said."""
    first = ask(engine, at=NOW + timedelta(hours=1))
    second = ask(engine)

    assert [take_now(engine).id, take_now(engine).id] == [first, second]


TAKEN_BY = {
    "wanted": ("scheduler", "person", "force"),
    "running": ("scheduler", "person", "force"),
    "stopped": ("person", "force"),
    "refused": ("force",),
    "done": (),
    "failed": (),
}


def test_each_state_says_who_may_take_a_sweep_up(engine: Engine) -> None:
    """What was stopped waits for a person, what was refused for their word; over is over."""

    def may(state: str, who: str) -> bool:
        sweep_id = ask(engine, state=state)
        if who == "scheduler":
            taken = take_next(engine, now=NOW)
            return taken is not None and taken.id == sweep_id
        try:
            return take(engine, sweep_id, now=NOW, force=who == "force").id == sweep_id
        except LeaseBusy:
            return False

    found = {
        state: tuple(who for who in ("scheduler", "person", "force") if may(state, who))
        for state in TAKEN_BY
    }
    assert found == TAKEN_BY


def test_a_sweep_that_can_not_be_taken_says_so_with_its_number(engine: Engine) -> None:
    """And that nothing is lost by it."""
    with pytest.raises(LeaseBusy) as refused:
        take(engine, 7, now=NOW)

    assert str(refused.value) == (
        "sweep 7 is carried out by another program, or has ended. Nothing is lost: "
        "it goes on by itself."
    )


def test_of_many_who_take_a_sweep_at_once_one_has_it(engine: Engine) -> None:
    """The others are told none."""
    ask(engine)
    start, taken = threading.Barrier(4), []

    def take_one() -> None:
        start.wait()
        taken.append(take_next(engine, now=NOW))

    threads = [threading.Thread(target=take_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(one is not None for one in taken) == 1
    assert len(taken) == 4


def test_force_is_written_down_and_what_was_refused_is_looked_at_anew(engine: Engine) -> None:
    """What it saw when it was refused may have changed; what was only interrupted goes on."""
    progress = {"own/test/invoice": {"read": 3, "last": "in_3", "done": False}}
    refused = ask(engine, state="refused", progress=progress, report={"guard": "too much"})
    halted = ask(engine, state="stopped", progress=progress)

    anew = take(engine, refused, now=NOW, force=True)
    on_with = take(engine, halted, now=NOW, force=True)

    assert (anew.wish.forced, anew.progress) == (True, {})
    assert (on_with.wish.forced, on_with.progress) == (True, progress)
    assert read(engine, refused) == anew
    assert read(engine, halted) == on_with


def test_who_goes_on_keeps_force_once_it_was_given(engine: Engine) -> None:
    """A person's word holds for the sweep, not for the program that took it."""
    progress = {"own/test/refund": {"read": 1, "last": "re_1", "done": True}}
    sweep_id = ask(engine, replace(WISH, forced=True), state="stopped", progress=progress)

    assert take(engine, sweep_id, now=NOW).wish.forced
    assert take(engine, sweep_id, now=LATER, force=True).progress == progress


def test_progress_is_kept_and_keeps_the_lease(engine: Engine) -> None:
    """From each write on it is five minutes again."""
    ask(engine)
    sweep = take_now(engine)
    at = NOW + timedelta(seconds=200)

    with transaction(engine) as tx:
        save(tx, sweep, {"progress": {"own/test/invoice": {"read": 1}}}, now=at)

    assert read(engine, sweep.id).progress == {"own/test/invoice": {"read": 1}}
    assert take_next(engine, now=LATER) is None
    assert take_next(engine, now=at + timedelta(seconds=LEASE_SECONDS)) is not None


WAYS: dict[str, Callable[[Connection, Sweep], None]] = {
    "save": lambda tx, sweep: save(tx, sweep, {"progress": {"x": {}}}, now=LATER),
    "put off": lambda tx, sweep: put_off(tx, sweep, "Stripe is away", until=LATER),
    "stop": stop,
    "finish": lambda tx, sweep: finish(tx, sweep, "done", {}, now=LATER),
}


def test_who_lost_the_lease_writes_nothing_more(engine: Engine) -> None:
    """Neither progress nor an end, and forgets nothing that the other has found."""
    ask(engine)
    sweep = take_now(engine)
    other = take_next(engine, now=LATER)
    assert other is not None
    keep(engine, sweep.id, key("sub_1"))

    for name, way in WAYS.items():
        with pytest.raises(LeaseLost, match="taken over"), transaction(engine) as tx:
            way(tx, sweep)
        assert (name, read(engine, sweep.id)) == (name, other)
    assert kept(engine, sweep.id) == {"found": 1}


def test_the_end_forgets_what_was_found_and_what_hindered_it(engine: Engine) -> None:
    """Its own sales only; the report stays, and says in numbers what there was."""
    other = ask(engine, state="stopped")
    ask(engine)
    keep(engine, other, key("sub_1"))
    sweep = take_now(engine)
    keep(engine, sweep.id, key("sub_1"), key("sub_2"))
    with transaction(engine) as tx:
        put_off(tx, sweep, "Stripe is away", until=NOW)
    sweep = take_now(engine)

    with transaction(engine) as tx:
        finish(tx, sweep, "done", {"report": {"sales": 2}}, now=LATER)

    ended = read(engine, sweep.id)
    assert (ended.state, ended.error, ended.report) == ("done", None, {"sales": 2})
    assert (ended.finished_at, ended.token, ended.leased_until) == (LATER, None, None)
    assert (kept(engine, sweep.id), kept(engine, other)) == ({}, {"found": 1})


def test_what_is_taken_up_again_is_not_finished_any_more(engine: Engine) -> None:
    """A refused sweep that a person forces has no end yet."""
    sweep_id = ask(engine, state="refused", finished_at=NOW)

    assert take(engine, sweep_id, now=LATER, force=True).finished_at is None


def test_a_sweep_is_shown_whole_with_moments_that_say_their_zone(engine: Engine) -> None:
    """What a program reads of it: no token of its lease."""
    wish = SweepWish(on(2026, 5), dry_run=True, forced=False, asked_by="ada@desk")
    plain = ask(engine)
    whole = ask(
        engine, wish, state="refused", report={"guard": "too much"}, error="why", finished_at=LATER
    )

    assert read(engine, plain).as_json() == {
        "id": plain,
        "since": None,
        "dry_run": False,
        "forced": False,
        "state": "wanted",
        "progress": {},
        "report": None,
        "error": None,
        "asked_by": "ada@desk",
        "asked_at": "2026-11-21T12:00:00+00:00",
        "finished_at": None,
    }
    assert read(engine, whole).as_json() == {
        "id": whole,
        "since": "2026-05-01T00:00:00+00:00",
        "dry_run": True,
        "forced": False,
        "state": "refused",
        "progress": {},
        "report": {"guard": "too much"},
        "error": "why",
        "asked_by": "ada@desk",
        "asked_at": "2026-11-21T12:00:00+00:00",
        "finished_at": "2026-11-21T12:05:00+00:00",
    }
