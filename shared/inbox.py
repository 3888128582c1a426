"""The inbox: what Stripe told us, written down, and the sales that became due by it.

A batch is one transaction: each new event raises the wanted generation of its sale, so no wake-up
can be lost. What a sale needs is not looked at here; passes do that.
Statements are hand-written and go straight to the driver: this is the hot path.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from shared.database import transaction
from shared.keys import SaleKey
from shared.tables import sales

State = Literal["recorded", "ignored", "refused"]

BUYER_WAITS = 1  # urgencies, 0 first: somebody looks at a page just now
NORMAL = 5
NO_HURRY = 9  # a sweep over all sales must not delay a new one


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """A verified event, as it goes into the `events` table. Built a few thousand times a second."""

    account: str
    event_id: str  # a thin event's: its snapshot twin's id, so that the two are one
    thin_id: str | None
    livemode: bool
    type: str
    api_version: str | None
    created_at: datetime
    object_id: str | None
    secret: int
    payload: bytes
    state: State
    reason: str | None  # why it was ignored or refused
    key: SaleKey | None  # whom the hint is for; None unless recorded
    urgency: int = NORMAL


@dataclass(frozen=True, slots=True)
class Recorded:
    """The event is new and durable, and raised its sale to this generation."""

    sale_id: int
    generation: int


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The event stands in the inbox already; nothing was written."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """The event is kept, but nothing that is sold depends on it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The event is kept, but it is of a mode or account that we don't serve."""

    reason: str


Outcome = Recorded | Duplicate | Ignored | Refused


class _Raised(NamedTuple):
    sale_id: int
    wanted: int  # the wanted generation that now stands


Identity = tuple[str, str]  # event id, account


class _Known(Exception):
    """These events of the batch stand in the inbox already."""

    def __init__(self, identities: set[Identity]) -> None:
        self.identities = identities


def record(engine: Engine, deliveries: Sequence[Delivery], now: datetime) -> list[Outcome]:
    """Write a batch and raise its sales, in one transaction. The outcomes are in its order.

    Of several copies of one event the first is recorded and the rest are duplicates. Raises
    what the driver raises; then nothing of the batch was written.
    """
    unique: dict[Identity, Delivery] = {}
    for delivery in deliveries:
        unique.setdefault(_identity(delivery), delivery)
    outcomes: dict[int, Outcome] = {}
    while unique:
        try:
            # Sorted, as are the sales: two batches that lock the same rows in the same order can
            # wait for each other but never both ways.
            outcomes = _write(engine, [unique[identity] for identity in sorted(unique)], now)
            break
        except _Known as known:
            for identity in known.identities:
                del unique[identity]
    return [outcomes.get(id(delivery), _DUPLICATE) for delivery in deliveries]


def _write(engine: Engine, new: Sequence[Delivery], now: datetime) -> dict[int, Outcome]:
    """One transaction over events that should be new. Raises _Known when some are not.

    The sales come first, so that each event is written once, whole. That some event was known is
    then seen late, and all is rolled back: duplicates are rare, and a look beforehand would cost
    every batch a round trip and still miss what another process writes meanwhile.
    """
    with transaction(engine) as tx:
        outcomes = _outcomes(new, _upsert(tx, _hints(new), now))
        written = _insert(tx, new, outcomes, now)
        if len(written) < len(new):
            raise _Known({_identity(delivery) for delivery in new} - written)
    return outcomes


def raise_hint(
    connection: Connection, key: SaleKey, *, now: datetime, urgency: int = NORMAL
) -> int:
    """Make a sale due by hand, inside the caller's transaction. Returns its wanted generation.

    For retries, reconciles and whatever releases a waiting sale. Raise many in sorted order.
    """
    return _upsert(connection, [(key, 1, urgency)], now)[key].wanted


def due_count(connection: Connection) -> int:
    """How many sales have a hint that no pass has seen."""
    unseen = sales.c.wanted_generation > sales.c.seen_generation
    return connection.execute(sa.select(sa.func.count()).where(unseen)).scalar_one()


def oldest_hint(connection: Connection) -> datetime | None:
    """When the hint came that waits longest, or None when none waits."""
    unseen = sales.c.wanted_generation > sales.c.seen_generation
    return connection.execute(sa.select(sa.func.min(sales.c.hinted_at)).where(unseen)).scalar()


_DUPLICATE = Duplicate()

Hint = tuple[SaleKey, int, int]  # the sale, by how much to raise it, how urgent it is


def _identity(delivery: Delivery) -> Identity:
    return delivery.event_id, delivery.account


def _hints(new: Sequence[Delivery]) -> list[Hint]:
    """One hint a sale for all of its new events, in the order of the keys."""
    count: dict[SaleKey, int] = {}
    urgency: dict[SaleKey, int] = {}
    for delivery in new:
        if (key := delivery.key) is not None:
            count[key] = count.get(key, 0) + 1
            urgency[key] = min(delivery.urgency, urgency.get(key, delivery.urgency))
    ordered = sorted(count, key=lambda key: (key.account, key.livemode, key.kind, key.id))
    return [(key, count[key], urgency[key]) for key in ordered]


def _outcomes(new: Sequence[Delivery], raised: dict[SaleKey, _Raised]) -> dict[int, Outcome]:
    """What becomes of each delivery, by its identity in memory; each hint has its generation."""
    left = Counter(delivery.key for delivery in new if delivery.key is not None)
    outcomes: dict[int, Outcome] = {}
    for delivery in new:
        if delivery.key is not None:
            left[delivery.key] -= 1
            sale_id, wanted = raised[delivery.key]
            outcomes[id(delivery)] = Recorded(sale_id, wanted - left[delivery.key])
        elif delivery.state == "refused":
            outcomes[id(delivery)] = Refused(delivery.reason or "")
        else:
            outcomes[id(delivery)] = Ignored(delivery.reason or "")
    return outcomes


# --- SQL. SQLite takes rows as VALUES; PostgreSQL as JSON and an array of payloads, so that one
# prepared statement serves any number of rows and psycopg dumps two values instead of hundreds.

_EVENT_COLUMNS = {
    "account": "text",
    "event_id": "text",
    "thin_id": "text",
    "livemode": "boolean",
    "type": "text",
    "api_version": "text",
    "created_at": "timestamptz",
    "received_at": "timestamptz",
    "state": "text",
    "reason": "text",
    "object_id": "text",
    "sale_id": "bigint",
    "generation": "bigint",
    "secret": "smallint",
}
_INSERT = (
    f"INSERT INTO events ({', '.join(_EVENT_COLUMNS)}, payload) {{rows}}"
    " ON CONFLICT DO NOTHING RETURNING event_id, account"
)

_SALE_COLUMNS = {
    "account": "text",
    "livemode": "boolean",
    "kind": "text",
    "object_id": "text",
    "wanted_generation": "bigint",
    "urgency": "smallint",
    "due_at": "timestamptz",
    "hinted_at": "timestamptz",
}
_UNSEEN = "sales.wanted_generation > sales.seen_generation"
# A new hint makes the sale due now, whatever a failed pass had put off, and starts its attempts
# anew. While older hints wait it keeps the oldest's time, its urgency and its place in the row.
_UPSERT = f"""
INSERT INTO sales ({", ".join(_SALE_COLUMNS)}) {{rows}}
ON CONFLICT (account, livemode, kind, object_id) DO UPDATE SET
  wanted_generation = sales.wanted_generation + excluded.wanted_generation,
  urgency = CASE WHEN {_UNSEEN} AND sales.urgency < excluded.urgency
    THEN sales.urgency ELSE excluded.urgency END,
  due_at = CASE WHEN {_UNSEEN} AND sales.due_at < excluded.due_at
    THEN sales.due_at ELSE excluded.due_at END,
  hinted_at = CASE WHEN {_UNSEEN} THEN sales.hinted_at ELSE excluded.hinted_at END,
  attempts = 0
RETURNING id, wanted_generation, account, livemode, kind, object_id
"""


@cache  # a batch has at most a few hundred sizes
def _values(rows: int, columns: int) -> str:
    row = f"({', '.join('?' * columns)})"
    return f"VALUES {', '.join([row] * rows)}"


@cache
def _recordset(columns: tuple[tuple[str, str], ...], *, payloads: bool) -> str:
    names = ", ".join(f"{name} {kind}" for name, kind in columns)
    rows = f"json_to_recordset(%s::json) AS ({names})"
    source = f"ROWS FROM ({rows}, unnest(%b::bytea[]))" if payloads else rows
    return f"SELECT * FROM {source}" + (" AS row" if payloads else "")  # noqa: S608


def _send(
    connection: Connection,
    statement: str,
    columns: dict[str, str],
    rows: Sequence[tuple[Any, ...]],
    payloads: Sequence[bytes] = (),
) -> list[Any]:
    """Run `statement` over its rows, as the database takes them, and return what it returns."""
    if connection.dialect.name == "sqlite":
        whole = (
            [(*row, payload) for row, payload in zip(rows, payloads, strict=True)]
            if payloads
            else rows
        )
        text = statement.format(rows=_values(len(rows), len(whole[0])))
        flat = tuple(_for_sqlite(value) for row in whole for value in row)
        return list(connection.exec_driver_sql(text, flat))
    text = statement.format(rows=_recordset(tuple(columns.items()), payloads=bool(payloads)))
    objects = [dict(zip(columns, row, strict=True)) for row in rows]
    encoded = msgspec.json.encode(objects).decode()
    values = (encoded, list(payloads)) if payloads else (encoded,)
    return list(connection.exec_driver_sql(text, values))


def _for_sqlite(value: Any) -> Any:
    """It keeps datetimes as text, in the form that `UtcDateTime` reads."""
    if not isinstance(value, datetime):
        return value
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def _insert(
    connection: Connection,
    new: Sequence[Delivery],
    outcomes: dict[int, Outcome],
    now: datetime,
) -> set[Identity]:
    """Write the events; returns those that were written."""
    rows = [_row(event, outcomes[id(event)], now) for event in new]
    payloads = [event.payload for event in new]
    found = _send(connection, _INSERT, _EVENT_COLUMNS, rows, payloads)
    return {(event_id, account) for event_id, account in found}


def _row(event: Delivery, outcome: Outcome, now: datetime) -> tuple[Any, ...]:
    sale_id, generation = (
        (outcome.sale_id, outcome.generation) if isinstance(outcome, Recorded) else (None, None)
    )
    return (
        event.account,
        event.event_id,
        event.thin_id,
        event.livemode,
        event.type,
        event.api_version,
        event.created_at,
        now,
        event.state,
        event.reason,
        event.object_id,
        sale_id,
        generation,
        event.secret,
    )


def _upsert(connection: Connection, hints: Sequence[Hint], now: datetime) -> dict[SaleKey, _Raised]:
    if not hints:
        return {}
    rows = [
        (key.account, key.livemode, key.kind, key.id, count, urgency, now, now)
        for key, count, urgency in hints
    ]
    found = _send(connection, _UPSERT, _SALE_COLUMNS, rows)
    return {
        SaleKey(account, bool(livemode), kind, object_id): _Raised(sale_id, wanted)
        for sale_id, wanted, account, livemode, kind, object_id in found
    }
