"""Events and their signed deliveries, as Stripe would send them."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

from tests.conftest import SIGNING_SECRET


def sign(body: bytes, *, secret: str = SIGNING_SECRET, at: float | None = None) -> str:
    """A `Stripe-Signature` header over `body`, made now unless `at` (unix seconds) is given."""
    timestamp = str(int(time.time() if at is None else at))
    signed = timestamp.encode() + b"." + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def event(event_id: str, event_type: str, payload: dict[str, Any], **fields: Any) -> bytes:
    """A snapshot event in test mode around `payload` as its object."""
    body = {
        "id": event_id,
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": 1_790_000_000,
        "livemode": False,
        "type": event_type,
        "data": {"object": payload},
        **fields,
    }
    return json.dumps(body).encode()


def subscription_updated(event_id: str, subscription: str = "sub_1", **fields: Any) -> bytes:
    return event(event_id, "customer.subscription.updated", {"id": subscription}, **fields)


def thin(event_id: str, event_type: str, related: str | None, **fields: Any) -> bytes:
    """A thin event in test mode about the object `related`."""
    body = {
        "id": event_id,
        "object": "v2.core.event",
        "created": "2026-10-01T12:00:00.000Z",
        "livemode": False,
        "type": event_type,
        "related_object": {"id": related} if related else None,
        **fields,
    }
    return json.dumps(body).encode()
