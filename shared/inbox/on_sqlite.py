"""A batch into SQLite: one transaction, rows as VALUES. It holds the write lock from its start, so
what it sees as known can't change under it, and the insert itself need not tell.

Every row that a statement returns is a moment in which Python's one lock is given away to the event
loop, and waited for again. So answers come as one row of JSON: measured, a fifth of the rate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy.engine import Connection, Engine

from shared.database import transaction
from shared.inbox.statements import EVENT_COLUMNS, ON_CONFLICT_RAISE, SALE_COLUMNS
from shared.inbox.values import Delivery, Identity, Written
from shared.keys import SaleKey

Raised = dict[SaleKey, tuple[int, int]]  # sale id, and the wanted generation that now stands

# CROSS JOIN fixes the order: for each given row a look into the index. SQLite scans the whole table
# for `(a, b) IN (VALUES …)`.
_KNOWN = (
    "SELECT json_group_array(json_array(event_id, account)) FROM ({rows}) AS given"
    " CROSS JOIN events ON event_id = given.column1 AND account = given.column2"
)
_RAISE = f"INSERT INTO sales ({SALE_COLUMNS}) {{rows}} {ON_CONFLICT_RAISE}"
_RAISED = (
    "SELECT json_group_array(json_array(account, livemode, kind, object_id, id, wanted_generation))"
    " FROM ({rows}) AS given CROSS JOIN sales ON account = given.column1"
    " AND livemode = given.column2 AND kind = given.column3 AND object_id = given.column4"
)
_INSERT = f"INSERT INTO events ({', '.join(EVENT_COLUMNS)}, payload, sale_id, generation) {{rows}}"


def write(engine: Engine, batch: Sequence[Delivery], now: datetime) -> list[Written]:
    """Write those events that are new and raise their sales; returns the rows written."""
    with transaction(engine) as tx:
        known = _known(tx, batch)
        new = [delivery for delivery in batch if delivery.identity not in known]
        if not new:
            return []
        moment = _text(now)
        return _insert(tx, new, _raise(tx, new, moment), moment)


def _known(tx: Connection, batch: Sequence[Delivery]) -> set[Identity]:
    found = _ask(tx, _KNOWN, [delivery.identity for delivery in batch])
    return {(event_id, account) for event_id, account in found}


def _raise(tx: Connection, new: Sequence[Delivery], now: str) -> Raised:
    """One row a sale: raised by how many of its events are new, as urgent as the most urgent."""
    count: Counter[SaleKey] = Counter()
    urgency: dict[SaleKey, int] = {}
    for delivery in new:
        if (key := delivery.key) is not None:
            count[key] += 1
            urgency[key] = min(delivery.urgency, urgency.get(key, delivery.urgency))
    if not count:
        return {}
    names = [(key.account, key.livemode, key.kind, key.id) for key in count]
    rows = [
        (*name, raised, urgency[key], now, now)
        for name, (key, raised) in zip(names, count.items(), strict=True)
    ]
    _run(tx, _RAISE, rows)
    return {
        SaleKey(account, bool(livemode), kind, object_id): (sale_id, wanted)
        for account, livemode, kind, object_id, sale_id, wanted in _ask(tx, _RAISED, names)
    }


def _insert(tx: Connection, new: Sequence[Delivery], raised: Raised, now: str) -> list[Written]:
    left = Counter(delivery.key for delivery in new if delivery.key is not None)
    rows: list[tuple[Any, ...]] = []
    written: list[Written] = []
    for delivery in new:
        sale_id = generation = None
        if (key := delivery.key) is not None:
            left[key] -= 1
            sale_id, wanted = raised[key]
            generation = wanted - left[key]
        rows.append((*_columns(delivery, now), delivery.payload, sale_id, generation))
        written.append((*delivery.identity, sale_id, generation))
    _run(tx, _INSERT, rows)
    return written


def _columns(event: Delivery, now: str) -> tuple[Any, ...]:
    """In the order of EVENT_COLUMNS."""
    return (
        event.account,
        event.event_id,
        event.thin_id,
        event.livemode,
        event.type,
        event.api_version,
        _text(event.created_at),
        now,
        event.state,
        event.reason,
        event.object_id,
        event.secret,
    )


def _run(tx: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> Any:
    """The statement over all rows at once."""
    text = statement.format(rows=_values(len(rows), len(rows[0])))
    return tx.exec_driver_sql(text, tuple(value for row in rows for value in row))


def _ask(tx: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> Any:
    """What a statement finds for these rows, from its one row of JSON."""
    return msgspec.json.decode(_run(tx, statement, rows).scalar_one())


@cache  # a batch has at most a few hundred sizes
def _values(rows: int, columns: int) -> str:
    row = f"({', '.join('?' * columns)})"
    return f"VALUES {', '.join([row] * rows)}"


def _text(moment: datetime) -> str:
    """SQLite keeps datetimes as text, in the form that `UtcDateTime` reads."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
