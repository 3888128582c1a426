"""The columns and the one rule that SQLite and PostgreSQL share. Statements are hand-written and
go straight to the driver: this is the hot path.
"""

from __future__ import annotations

EVENT_COLUMNS = {
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
    "secret": "smallint",
}
SALE_COLUMNS = "account, livemode, kind, object_id, wanted_generation, urgency, due_at, hinted_at"

_UNSEEN = "sales.wanted_generation > sales.seen_generation"
# A new hint makes the sale due now, whatever a failed pass had put off, and starts its attempts
# anew. While older hints wait it keeps the oldest's time, its urgency and its place in the row.
ON_CONFLICT_RAISE = f"""
ON CONFLICT (account, livemode, kind, object_id) DO UPDATE SET
  wanted_generation = sales.wanted_generation + excluded.wanted_generation,
  urgency = CASE WHEN {_UNSEEN} AND sales.urgency < excluded.urgency
    THEN sales.urgency ELSE excluded.urgency END,
  due_at = CASE WHEN {_UNSEEN} AND sales.due_at < excluded.due_at
    THEN sales.due_at ELSE excluded.due_at END,
  hinted_at = CASE WHEN {_UNSEEN} THEN sales.hinted_at ELSE excluded.hinted_at END,
  attempts = 0
"""
