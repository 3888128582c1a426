"""One call in the middle of its transaction: what an action may see and how it leaves a trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from licensing.tables import audit

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. `license_id` is set for a license key, `scopes` for a management token."""

    actor_type: str  # "api_key", "license" or "system"
    actor_id: str
    scopes: frozenset[str] = frozenset()
    license_id: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """What came in, and the transaction in which it is answered."""

    tx: Connection
    caller: Caller
    now: datetime  # UTC, from the injected clock
    request_id: str
    ip_address: str | None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The resource in the path."""
        return self.path["id"]


def record(
    call: Call, event_type: str, resource_id: str | None, facts: Mapping[str, Any] | None = None
) -> None:
    """Write the audit row of a change, in the change's own transaction.

    `event_type` is `<resource>.<what happened>`, for example `license.renewed`.
    """
    row = {
        "event_type": event_type,
        "actor_type": call.caller.actor_type,
        "actor_id": call.caller.actor_id,
        "resource_type": event_type.partition(".")[0],
        "resource_id": resource_id,
        "metadata": dict(facts or {}),
        "ip_address": call.ip_address,
        "request_id": call.request_id,
        "created_at": call.now,
    }
    call.tx.execute(sa.insert(audit), row)


Action = Callable[..., Any]  # (call) or (call, body) -> what stands under `data`
