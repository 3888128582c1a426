"""Seals everything at rest under the first encryption key, so that the others can be taken out.

License keys and the tokens of installed accounts are ours; the embedded LicenseKit has its own.
Safe to run at any time, also beside workers, and to run again after it was stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, RowMapping

from shared.database import reading, transaction
from shared.secrets import Secret, Unreadable, Vault
from shared.tables import accounts, escrow

AT_ONCE = 500  # rows a transaction: workers wait for it no longer than a moment
SEALED = (
    (escrow, ("sealed_key",)),
    (accounts, ("access_token", "refresh_token", "licensekit_token")),
)

Progress = Callable[[int], None]


@dataclass(slots=True)
class Resealed:
    """How many values were sealed anew, stood under the first key already, or open with none."""

    anew: int = 0
    already: int = 0
    unreadable: list[str] = field(default_factory=list)  # "escrow lic_1"


def reseal(engine: Engine, keys: Sequence[Secret], progress: Progress) -> Resealed:
    """`progress` is told how many rows were looked at, batch by batch."""
    done = Resealed()
    vaults = _Vaults(Vault(keys[:1]), Vault(keys))
    for table, columns in SEALED:
        last: tuple[Any, ...] | None = None
        while rows := _read(engine, table, last):
            with transaction(engine) as tx:
                for row in rows:
                    _reseal_row(tx, _Place(table, columns, row), vaults, done)
            last = tuple(rows[-1][column.name] for column in table.primary_key.columns)
            progress(len(rows))
    return done


def count_sealed(engine: Engine) -> int:
    """How many rows `reseal` will look at."""
    with reading(engine) as tx:
        counts = [sa.select(sa.func.count()).select_from(table) for table, _ in SEALED]
        return sum(tx.execute(one).scalar_one() for one in counts)


@dataclass(frozen=True, slots=True)
class _Vaults:
    first: Vault  # reads only what stands under the first key
    every: Vault


@dataclass(frozen=True, slots=True)
class _Place:
    table: sa.Table
    columns: tuple[str, ...]
    row: RowMapping

    @property
    def key(self) -> dict[str, Any]:
        return {column.name: self.row[column.name] for column in self.table.primary_key.columns}


def _read(engine: Engine, table: sa.Table, last: tuple[Any, ...] | None) -> Sequence[RowMapping]:
    key = tuple(table.primary_key.columns)
    query = sa.select(table).order_by(*key).limit(AT_ONCE)
    if last is not None:
        query = query.where(sa.tuple_(*key) > last)
    with reading(engine) as tx:
        return tx.execute(query).mappings().all()


def _reseal_row(tx: Connection, place: _Place, vaults: _Vaults, done: Resealed) -> None:
    for name in place.columns:
        sealed = place.row[name]
        if sealed is None:
            continue
        if _opens(vaults.first, sealed):
            done.already += 1
            continue
        try:
            fresh = vaults.every.rotate(sealed)
        except Unreadable:
            done.unreadable.append(" ".join((place.table.name, *map(str, place.key.values()))))
            continue
        # as it was read: a token that was refreshed meanwhile is sealed under the first key anyway
        unchanged = place.table.c[name] == sealed
        mine = place.table.update().filter_by(**place.key).where(unchanged)
        tx.execute(mine.values({name: fresh}))
        done.anew += 1


def _opens(vault: Vault, sealed: bytes) -> bool:
    try:
        vault.open(sealed)
    except Unreadable:
        return False
    return True
