"""A batch into PostgreSQL: one statement, so one round trip and one commit.

Rows go in as JSON and one array of payloads, so that one prepared statement serves any number of
them and the driver writes three values instead of hundreds.

Another web process may write the same event at the same time: then the insert here is ignored, the
event is a duplicate, and its sale was raised once too often, which costs a pass that finds nothing
to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy.engine import Engine

from shared.inbox.statements import EVENT_COLUMNS, ON_CONFLICT_RAISE, SALE_COLUMNS
from shared.inbox.values import Delivery, Written

_COLUMNS = ", ".join(EVENT_COLUMNS)
_KEY = {"kind": "text", "sale_object_id": "text", "urgency": "smallint"}
_TYPES = ", ".join(f"{name} {kind}" for name, kind in (EVENT_COLUMNS | _KEY).items())

# new: what the inbox does not know yet, each event numbered backwards among those of its sale.
# hints: one row a sale, in the order of the keys, so that two batches that raise the same sales
# wait for each other but never both ways.
_WRITE = f"""
WITH given AS (
  SELECT * FROM ROWS FROM (json_to_recordset(%s::json) AS ({_TYPES}), unnest(%b::bytea[])) AS row
    ({", ".join((EVENT_COLUMNS | _KEY).keys())}, payload)
), new AS (
  SELECT given.*, row_number() OVER (
      PARTITION BY account, livemode, kind, sale_object_id ORDER BY event_id DESC) - 1 AS left_over
  FROM given WHERE NOT EXISTS (
    SELECT 1 FROM events WHERE events.event_id = given.event_id AND events.account = given.account)
), hints AS (
  SELECT account, livemode, kind, sale_object_id, count(*), min(urgency), %s::timestamptz AS now
  FROM new WHERE kind IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
), raised AS (
  INSERT INTO sales ({SALE_COLUMNS}) SELECT *, now FROM hints {ON_CONFLICT_RAISE}
  RETURNING id, wanted_generation, account, livemode, kind, object_id
)
INSERT INTO events ({_COLUMNS}, payload, sale_id, generation)
SELECT {", ".join(f"new.{name}" for name in EVENT_COLUMNS)}, new.payload,
  raised.id, raised.wanted_generation - new.left_over
FROM new LEFT JOIN raised ON raised.account = new.account AND raised.livemode = new.livemode
  AND raised.kind = new.kind AND raised.object_id = new.sale_object_id
ORDER BY new.event_id
ON CONFLICT DO NOTHING RETURNING event_id, account, sale_id, generation
"""  # noqa: S608


def write(engine: Engine, batch: Sequence[Delivery], now: datetime) -> list[Written]:
    """Write those events that are new and raise their sales; returns the rows written."""
    rows = msgspec.json.encode([_row(delivery, now) for delivery in batch]).decode()
    values = (rows, [delivery.payload for delivery in batch], now)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        found = connection.exec_driver_sql(_WRITE, values)
        return [(row[0], row[1], row[2], row[3]) for row in found]


def _row(event: Delivery, now: datetime) -> dict[str, object]:
    key = event.key
    return {
        "account": event.account,
        "event_id": event.event_id,
        "thin_id": event.thin_id,
        "livemode": event.livemode,
        "type": event.type,
        "api_version": event.api_version,
        "created_at": event.created_at,
        "received_at": now,
        "state": event.state,
        "reason": event.reason,
        "object_id": event.object_id,
        "secret": event.secret,
        "kind": key.kind if key else None,
        "sale_object_id": key.id if key else None,
        "urgency": event.urgency,
    }
