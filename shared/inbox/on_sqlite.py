"""A batch into SQLite: one transaction, rows as VALUES. It holds the write lock from its start, so
what it sees as known can't change under it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy.engine import Connection, Engine

from shared.database import transaction
from shared.inbox.statements import EVENT_COLUMNS, ON_CONFLICT_RAISE, SALE_COLUMNS
from shared.inbox.values import Delivery, Identity, Written
from shared.keys import SaleKey

Raised = dict[SaleKey, tuple[int, int]]  # sale id, and the wanted generation that now stands

_INSERT = (
    f"INSERT INTO events ({', '.join(EVENT_COLUMNS)}, payload, sale_id, generation) {{rows}}"
    " ON CONFLICT DO NOTHING RETURNING event_id, account, sale_id, generation"
)
_KNOWN = "SELECT event_id, account FROM events WHERE (event_id, account) IN ({rows})"
_RAISE = f"INSERT INTO sales ({SALE_COLUMNS}) {{rows}} {ON_CONFLICT_RAISE}"


def write(engine: Engine, batch: Sequence[Delivery], now: datetime) -> list[Written]:
    """Write those events that are new and raise their sales; returns the rows written."""
    with transaction(engine) as tx:
        known = _known(tx, batch)
        new = [delivery for delivery in batch if delivery.identity not in known]
        if not new:
            return []
        return _insert(tx, new, _raise(tx, new, now), now)


def _known(tx: Connection, batch: Sequence[Delivery]) -> set[Identity]:
    found = _run(tx, _KNOWN, [delivery.identity for delivery in batch])
    return {(event_id, account) for event_id, account in found}


def _raise(tx: Connection, new: Sequence[Delivery], now: datetime) -> Raised:
    """One row a sale: raised by how many of its events are new, as urgent as the most urgent."""
    count: Counter[SaleKey] = Counter()
    urgency: dict[SaleKey, int] = {}
    for delivery in new:
        if (key := delivery.key) is not None:
            count[key] += 1
            urgency[key] = min(delivery.urgency, urgency.get(key, delivery.urgency))
    rows = [
        (key.account, key.livemode, key.kind, key.id, raised, urgency[key], now, now)
        for key, raised in count.items()
    ]
    return {
        SaleKey(account, bool(livemode), kind, object_id): (sale_id, wanted)
        for sale_id, wanted, account, livemode, kind, object_id in _run(tx, _RAISE, rows)
    }


def _insert(
    tx: Connection, new: Sequence[Delivery], raised: Raised, now: datetime
) -> list[Written]:
    left = Counter(delivery.key for delivery in new if delivery.key is not None)
    rows = []
    for delivery in new:
        sale_id = generation = None
        if (key := delivery.key) is not None:
            left[key] -= 1
            sale_id, wanted = raised[key]
            generation = wanted - left[key]
        rows.append((*_columns(delivery, now), delivery.payload, sale_id, generation))
    return [(row[0], row[1], row[2], row[3]) for row in _run(tx, _INSERT, rows)]


def _columns(event: Delivery, now: datetime) -> tuple[Any, ...]:
    """In the order of EVENT_COLUMNS."""
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
        event.secret,
    )


def _run(tx: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    """The statement over all rows at once; nothing for no rows."""
    if not rows:
        return []
    text = statement.format(rows=_values(len(rows), len(rows[0])))
    flat = tuple(_plain(value) for row in rows for value in row)
    return list(tx.exec_driver_sql(text, flat))


@cache  # a batch has at most a few hundred sizes
def _values(rows: int, columns: int) -> str:
    row = f"({', '.join('?' * columns)})"
    return f"VALUES {', '.join([row] * rows)}"


def _plain(value: Any) -> Any:
    """SQLite keeps datetimes as text, in the form that `UtcDateTime` reads."""
    if not isinstance(value, datetime):
        return value
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
