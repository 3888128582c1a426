"""Sweeps over objects that somebody asked for: who carries one out holds its lease."""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from shared.database import reading, transaction
from shared.tables import sweep_sales, sweeps
from worker.errors import LeaseBusy, LeaseLost

LEASE_SECONDS = 300  # longer than a page of a slow list, or some sales at a busy Stripe's
WAITING = ("wanted", "running")  # what a scheduler takes up by itself


@dataclass(frozen=True, slots=True)
class SweepWish:
    """What somebody asks for. `since` is None for everything there is."""

    since: datetime | None
    dry_run: bool
    forced: bool  # past the guard
    asked_by: str  # "ada@workstation", "token:support", "scheduler"


@dataclass(frozen=True, slots=True)
class Sweep:
    """A wish, and how far it was carried out."""

    id: int
    wish: SweepWish
    state: str  # wanted | running | stopped | done | refused | failed
    progress: Mapping[str, Any]  # by "own/test/invoice": what was read last, how many, and whether
    report: Mapping[str, Any] | None  # that was all
    error: str | None
    asked_at: datetime
    finished_at: datetime | None
    token: str | None
    leased_until: datetime | None

    def as_json(self) -> dict[str, Any]:
        finished = self.finished_at
        return {
            "id": self.id,
            "since": None if self.wish.since is None else self.wish.since.isoformat(),
            "dry_run": self.wish.dry_run,
            "forced": self.wish.forced,
            "state": self.state,
            "progress": dict(self.progress),
            "report": self.report,
            "error": self.error,
            "asked_by": self.wish.asked_by,
            "asked_at": self.asked_at.isoformat(),
            "finished_at": None if finished is None else finished.isoformat(),
        }


def ask_for_sweep(tx: Connection, wish: SweepWish, now: datetime) -> int:
    """Write a wish down; a scheduler carries it out within a minute. Returns its number."""
    return _insert(tx, wish, {"state": "wanted"}, now).id


def begin_sweep(tx: Connection, wish: SweepWish, now: datetime) -> Sweep:
    """Write a wish down and lease it at once: whoever asks carries it out."""
    return _insert(tx, wish, _leased(now), now)


def read_sweep(tx: Connection, sweep_id: int) -> Sweep | None:
    row = tx.execute(sa.select(sweeps).where(sweeps.c.id == sweep_id)).one_or_none()
    return None if row is None else _sweep(row)


def next_wanted(tx: Connection, *, now: datetime) -> int | None:
    """The oldest sweep that waits, or was left by somebody who died."""
    waits = sa.select(sweeps.c.id).where(sweeps.c.state.in_(WAITING), *_free(now))
    return tx.execute(waits.order_by(sweeps.c.id).limit(1)).scalar_one_or_none()


def take_next(engine: Engine, *, now: datetime) -> Sweep | None:
    """Lease the next sweep that waits; None when none does, or another was faster."""
    with reading(engine) as tx:
        sweep_id = next_wanted(tx, now=now)
    return None if sweep_id is None else _take(engine, sweep_id, WAITING, now)


def take(engine: Engine, sweep_id: int, *, now: datetime, force: bool = False) -> Sweep:
    """Lease this sweep, to go on with it. Raises LeaseBusy while somebody else carries it out.

    `force` lets it pass the guard, also where that refused it before.
    """
    states = (*WAITING, "stopped", *(("refused",) if force else ()))
    sweep = _take(engine, sweep_id, states, now)
    if sweep is None:
        raise LeaseBusy(
            f"sweep {sweep_id} is carried out by another program, or has ended. Nothing is lost: "
            "it goes on by itself."
        )
    if not force or sweep.wish.forced:
        return sweep
    sweep = replace(sweep, wish=replace(sweep.wish, forced=True))
    if sweep.report is not None:  # it was refused, and what it saw then may have changed
        sweep = replace(sweep, progress={})
    with transaction(engine) as tx:
        save(tx, sweep, {"forced": True, "progress": sweep.progress}, now=now)
    return sweep


def save(tx: Connection, sweep: Sweep, values: Mapping[str, Any], *, now: datetime) -> None:
    """Write progress, and keep the lease. Raises LeaseLost when another carries it out now."""
    until = now + timedelta(seconds=LEASE_SECONDS)
    _write(tx, sweep, {"lease_until": until, **values})


def put_off(tx: Connection, sweep: Sweep, reason: str, *, until: datetime) -> None:
    """Give it back with what hindered it, to be taken up again by itself then."""
    _write(tx, sweep, {"error": reason, "lease_token": None, "lease_until": until})


def stop(tx: Connection, sweep: Sweep) -> None:
    """Give it back; it goes on only when a person says so."""
    _write(tx, sweep, {"state": "stopped", "lease_token": None, "lease_until": None})


def finish(
    tx: Connection, sweep: Sweep, state: str, values: Mapping[str, Any], *, now: datetime
) -> None:
    """The end of it. What was found is forgotten: who forces it later has it look once more."""
    given_back = {"state": state, "finished_at": now, "lease_token": None, "lease_until": None}
    _write(tx, sweep, {"error": None, **given_back, **values})
    tx.execute(sweep_sales.delete().where(sweep_sales.c.sweep_id == sweep.id))


def _insert(tx: Connection, wish: SweepWish, values: Mapping[str, Any], now: datetime) -> Sweep:
    asked = {
        "since": wish.since,
        "dry_run": wish.dry_run,
        "forced": wish.forced,
        "asked_by": wish.asked_by,
    }
    row = sa.insert(sweeps).values(**asked, **values, progress={}, asked_at=now)
    return _sweep(tx.execute(row.returning(*sweeps.c)).one())


def _take(engine: Engine, sweep_id: int, states: tuple[str, ...], now: datetime) -> Sweep | None:
    mine = sweeps.c.id == sweep_id, sweeps.c.state.in_(states), *_free(now)
    with transaction(engine) as tx:
        taken = sweeps.update().where(*mine).values(**_leased(now), finished_at=None)
        row = tx.execute(taken.returning(*sweeps.c)).one_or_none()
    return None if row is None else _sweep(row)


def _leased(now: datetime) -> dict[str, Any]:
    until = now + timedelta(seconds=LEASE_SECONDS)
    return {"state": "running", "lease_token": random.token_hex(8), "lease_until": until}


def _free(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (sa.or_(sweeps.c.lease_until.is_(None), sweeps.c.lease_until <= now),)


def _write(tx: Connection, sweep: Sweep, values: Mapping[str, Any]) -> None:
    ours = sweeps.update().where(sweeps.c.id == sweep.id, sweeps.c.lease_token == sweep.token)
    if tx.execute(ours.values(**values)).rowcount != 1:
        raise LeaseLost(f"sweep {sweep.id} was taken over by another program, which goes on")


def _sweep(row: Row[Any]) -> Sweep:
    return Sweep(
        id=row.id,
        wish=SweepWish(row.since, row.dry_run, row.forced, row.asked_by),
        state=row.state,
        progress=row.progress,
        report=row.report,
        error=row.error,
        asked_at=row.asked_at,
        finished_at=row.finished_at,
        token=row.lease_token,
        leased_until=row.lease_until,
    )
