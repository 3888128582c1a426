"""The same call twice is done once: its answer is kept under its Idempotency-Key and given again.

Keys count per operation and license. Only answers are kept, so a refused call may be repeated.
Source: licensekit.dev/docs/integration/idempotency.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from licensing.call import Call
from licensing.errors import Refusal
from licensing.identifiers import digest
from licensing.tables import idempotency

MAX_KEY_CHARACTERS = 255


def require_key(text: str | None) -> str:
    """Raises a 400 when the header is missing, empty or too long."""
    if not text or len(text) > MAX_KEY_CHARACTERS:
        message = "the header Idempotency-Key is required, with at most 255 characters"
        raise Refusal(400, "IDEMPOTENCY_KEY_REQUIRED", message)
    return text


def once(call: Call, operation: str, key: str, body: bytes, act: Callable[[], bytes]) -> bytes:
    """What `act` answers, or what it answered to the same key and body before.

    Raises a 409 IDEMPOTENCY_CONFLICT for the same key with another body.
    """
    license_id = call.caller.license_id or call.path["id"]
    place = {"operation": operation, "license_id": license_id, "idempotency_key": key}
    claim = place | {"body_hash": _body_hash(body), "created_at": call.now}
    if not _claimed(call, claim):
        return _answered(call, place, claim["body_hash"])
    data = act()
    kept = sa.update(idempotency).filter_by(**place).values(data=data.decode())
    call.tx.execute(kept)
    return data


def _claimed(call: Call, claim: dict[str, object]) -> bool:
    # The insert comes first: a second call with the key waits here until the first has committed.
    insert = postgresql.insert if call.tx.dialect.name == "postgresql" else sqlite.insert
    statement = insert(idempotency).values(claim).on_conflict_do_nothing()
    return bool(call.tx.execute(statement.returning(idempotency.c.operation)).first())


def _answered(call: Call, place: dict[str, str], body_hash: object) -> bytes:
    row = call.tx.execute(sa.select(idempotency).filter_by(**place)).mappings().one()
    if row["body_hash"] != body_hash:
        raise Refusal(
            409, "IDEMPOTENCY_CONFLICT", "the Idempotency-Key was used with another request body"
        )
    return str(row["data"]).encode()


def _body_hash(body: bytes) -> str:
    # Sorted: the order of fields is not a difference.
    return digest(msgspec.json.encode(msgspec.json.decode(body), order="sorted").decode())
