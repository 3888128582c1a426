"""The webhook endpoints as Stripe has them, against what we listen to. Compares only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.events.routing import ROUTES

ALL = "*"


@dataclass(frozen=True, slots=True)
class Registered:
    """One endpoint at our address."""

    id: str  # "we_…"
    enabled: bool
    api_version: str  # "" = the account's own
    events: frozenset[str]
    connect: bool  # it hears of connected accounts, and of no others

    @property
    def missing(self) -> list[str]:
        """Types that we listen to and it does not send."""
        return [] if ALL in self.events else sorted(set(ROUTES) - self.events)

    @property
    def superfluous(self) -> list[str]:
        return sorted(self.events - set(ROUTES) - {ALL})


def at_our_address(rows: Sequence[Mapping[str, Any]], url: str) -> list[Registered]:
    """Those that deliver to us, in Stripe's order. Others are none of our business."""
    ours = [row for row in rows if str(row.get("url", "")).rstrip("/") == url]
    return [
        Registered(
            id=str(row["id"]),
            enabled=row.get("status") == "enabled",
            api_version=row.get("api_version") or "",
            events=frozenset(row.get("enabled_events") or ()),
            connect=row.get("application") is not None,
        )
        for row in ours
    ]
