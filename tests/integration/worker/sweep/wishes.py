"""Sweeps that somebody asked for, and sales that they found, in few words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database import reading, transaction
from shared.keys import SaleKey, StripeId
from shared.tables import sweeps
from tests.worlds.sales import NOW
from worker.sweep import found
from worker.sweep.requests import Sweep, SweepWish, ask_for_sweep, read_sweep

WISH = SweepWish(None, dry_run=False, forced=False, asked_by="ada@desk")


def ask(engine: Engine, wish: SweepWish = WISH, *, at: datetime = NOW, **columns: Any) -> int:
    """Somebody asks; `columns` say how far it has come since."""
    with transaction(engine) as tx:
        sweep_id = ask_for_sweep(tx, wish, at)
        if columns:
            tx.execute(sweeps.update().where(sweeps.c.id == sweep_id).values(**columns))
    return sweep_id


def read(engine: Engine, sweep_id: int) -> Sweep:
    with reading(engine) as tx:
        sweep = read_sweep(tx, sweep_id)
    assert sweep is not None
    return sweep


def key(object_id: str, account: str = "", *, livemode: bool = False) -> SaleKey:
    return SaleKey(account, livemode, "subscription", StripeId(object_id))


def keep(engine: Engine, sweep_id: int, *keys: SaleKey, **more: Any) -> None:
    with transaction(engine) as tx:
        found.keep(tx, sweep_id, keys, **more)


def kept(engine: Engine, sweep_id: int) -> dict[str, int]:
    """How many sales of this sweep are in which state."""
    with reading(engine) as tx:
        return found.how_many(tx, sweep_id)


def rows(engine: Engine, table: sa.Table) -> int:
    with reading(engine) as tx:
        return tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
