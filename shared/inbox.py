"""The inbox: what Stripe told us, written down, and the sales that became due by it.

A batch is one transaction: each new event raises the wanted generation of its sale, so no wake-up
can be lost. What a sale needs is not looked at here; passes do that.
Statements are hand-written and go straight to the driver: this is the hot path.
"""

from __future__ import annotations

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


class _Raise(NamedTuple):
    key: SaleKey
    urgency: int
    events: tuple[int, ...]  # row ids; a raise by hand has none, but counts for one


class _Raised(NamedTuple):
    sale_id: int
    generation: int  # the wanted generation that now stands


def record(engine: Engine, deliveries: Sequence[Delivery], now: datetime) -> list[Outcome]:
    """Write a batch and raise its sales, in one transaction. The outcomes are in its order.

    Of several copies of one event the first is recorded and the rest are duplicates. Raises
    what the driver raises; then nothing of the batch was written.
    """
    first: dict[tuple[str, str], int] = {}
    for place, delivery in enumerate(deliveries):
        first.setdefault((delivery.event_id, delivery.account), place)
    # Sorted, as are the sales below: two batches that lock the same rows in the same order can
    # wait for each other but never both ways.
    unique = [deliveries[first[identity]] for identity in sorted(first)]
    with transaction(engine) as tx:
        row_ids = _insert(tx, unique, now)
        hints = {identity: deliveries[first[identity]] for identity in row_ids}
        generations = _raise_all(tx, _raises(hints, row_ids), now)
    outcomes: list[Outcome] = [Duplicate()] * len(deliveries)
    for identity, delivery in hints.items():
        outcomes[first[identity]] = _outcome(delivery, generations.get(row_ids[identity]))
    return outcomes


def raise_hint(
    connection: Connection, key: SaleKey, *, now: datetime, urgency: int = NORMAL
) -> int:
    """Make a sale due by hand, inside the caller's transaction. Returns its wanted generation.

    For retries, reconciles and whatever releases a waiting sale. Raise many in sorted order.
    """
    return _upsert(connection, [_Raise(key, urgency, ())], now)[key].generation


def due_count(connection: Connection) -> int:
    """How many sales have a hint that no pass has seen."""
    unseen = sales.c.wanted_generation > sales.c.seen_generation
    return connection.execute(sa.select(sa.func.count()).where(unseen)).scalar_one()


def oldest_hint(connection: Connection) -> datetime | None:
    """When the hint came that waits longest, or None when none waits."""
    unseen = sales.c.wanted_generation > sales.c.seen_generation
    return connection.execute(sa.select(sa.func.min(sales.c.hinted_at)).where(unseen)).scalar()


def _outcome(delivery: Delivery, raised: _Raised | None) -> Outcome:
    if raised is not None:
        return Recorded(raised.sale_id, raised.generation)
    if delivery.state == "refused":
        return Refused(delivery.reason or "")
    return Ignored(delivery.reason or "")


def _raises(
    hints: dict[tuple[str, str], Delivery], row_ids: dict[tuple[str, str], int]
) -> list[_Raise]:
    """One raise a sale, by all of its new events, in the order of the keys."""
    by_key: dict[SaleKey, list[int]] = {}
    urgency: dict[SaleKey, int] = {}
    for identity, delivery in hints.items():
        if (key := delivery.key) is not None:
            by_key.setdefault(key, []).append(row_ids[identity])
            urgency[key] = min(delivery.urgency, urgency.get(key, delivery.urgency))
    ordered = sorted(by_key, key=lambda key: (key.account, key.livemode, key.kind, key.id))
    return [_Raise(key, urgency[key], tuple(by_key[key])) for key in ordered]


def _raise_all(connection: Connection, raises: list[_Raise], now: datetime) -> dict[int, _Raised]:
    """Raise the sales and tell each event row which generation it made: row id -> raised."""
    if not raises:
        return {}
    raised = _upsert(connection, raises, now)
    generations: dict[int, _Raised] = {}
    for key, _urgency, events in raises:
        sale_id, wanted = raised[key]
        for step, row_id in enumerate(events):
            generations[row_id] = _Raised(sale_id, wanted - len(events) + 1 + step)
    _mark(connection, generations)
    return generations


# --- SQL. SQLite takes rows as VALUES, PostgreSQL as arrays: one prepared statement for any size.

_EVENT_COLUMNS = (
    "account, event_id, thin_id, livemode, type, api_version, created_at, received_at, state,"
    " reason, object_id, secret, payload"
)
_EVENT_ARRAYS = (
    "%s::text[], %s::text[], %s::text[], %s::bool[], %s::text[], %s::text[], %s::timestamptz[],"
    " %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::smallint[], %b::bytea[]"
)
_INSERT = (
    f"INSERT INTO events ({_EVENT_COLUMNS}) {{rows}}"
    " ON CONFLICT DO NOTHING RETURNING id, event_id, account"
)

_SALE_COLUMNS = "account, livemode, kind, object_id, wanted_generation, urgency, due_at, hinted_at"
_SALE_ARRAYS = (
    "%s::text[], %s::bool[], %s::text[], %s::text[], %s::bigint[], %s::smallint[],"
    " %s::timestamptz[], %s::timestamptz[]"
)
_UNSEEN = "sales.wanted_generation > sales.seen_generation"
# A new hint makes the sale due now, whatever a failed pass had put off, and starts its attempts
# anew. While older hints wait it keeps the oldest's time, its urgency and its place in the row.
_UPSERT = f"""
INSERT INTO sales ({_SALE_COLUMNS}) {{rows}}
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

_MARK_ONE = "UPDATE events SET sale_id = ?, generation = ? WHERE id = ?"
_MARK_MANY = """
UPDATE events SET sale_id = new.sale_id, generation = new.generation
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS new (sale_id, generation, id)
WHERE events.id = new.id
"""


@cache  # a batch has at most a few hundred sizes
def _values(statement: str, rows: int, columns: int) -> str:
    row = f"({', '.join('?' * columns)})"
    return statement.format(rows=f"VALUES {', '.join([row] * rows)}")


def _insert_rows(
    connection: Connection, statement: str, arrays: str, rows: list[tuple[Any, ...]]
) -> list[Any]:
    """Run `statement` with its rows, as the database takes them, and return what it returns."""
    if connection.dialect.name == "sqlite":
        text = _values(statement, len(rows), len(rows[0]))
        flat = tuple(value for row in rows for value in row)
        return list(connection.exec_driver_sql(text, flat))
    text = _unnest(statement, arrays)
    columns = tuple(list(column) for column in zip(*rows, strict=True))
    return list(connection.exec_driver_sql(text, columns))


@cache
def _unnest(statement: str, arrays: str) -> str:
    return statement.format(rows=f"SELECT * FROM unnest({arrays})")  # noqa: S608


def _moment(connection: Connection, moment: datetime) -> Any:
    """As the driver wants it: SQLite keeps text, in the form that `UtcDateTime` reads."""
    if connection.dialect.name != "sqlite":
        return moment
    naive = moment.astimezone(UTC).replace(tzinfo=None)
    return naive.isoformat(sep=" ", timespec="microseconds")


def _insert(
    connection: Connection, deliveries: Sequence[Delivery], now: datetime
) -> dict[tuple[str, str], int]:
    """Write the events that are new: (event id, account) -> row id, in the order of the batch."""
    received = _moment(connection, now)
    rows = [
        (
            event.account,
            event.event_id,
            event.thin_id,
            event.livemode,
            event.type,
            event.api_version,
            _moment(connection, event.created_at),
            received,
            event.state,
            event.reason,
            event.object_id,
            event.secret,
            event.payload,
        )
        for event in deliveries
    ]
    found = _insert_rows(connection, _INSERT, _EVENT_ARRAYS, rows)
    return {(event_id, account): row_id for row_id, event_id, account in sorted(found)}


def _upsert(connection: Connection, raises: list[_Raise], now: datetime) -> dict[SaleKey, _Raised]:
    moment = _moment(connection, now)
    rows = [
        (
            key.account,
            key.livemode,
            key.kind,
            key.id,
            len(events) or 1,
            urgency,
            moment,
            moment,
        )
        for key, urgency, events in raises
    ]
    found = _insert_rows(connection, _UPSERT, _SALE_ARRAYS, rows)
    return {
        SaleKey(account, bool(livemode), kind, object_id): _Raised(sale_id, wanted)
        for sale_id, wanted, account, livemode, kind, object_id in found
    }


def _mark(connection: Connection, generations: dict[int, _Raised]) -> None:
    rows = [(raised.sale_id, raised.generation, row) for row, raised in generations.items()]
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_MARK_ONE, rows)
        return
    columns = tuple(list(column) for column in zip(*rows, strict=True))
    connection.exec_driver_sql(_MARK_MANY, columns)
