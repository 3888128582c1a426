"""What `fulfill log` and the admin route show: one row a pass, as frozen values.

Others build on the names in `as_json`. How rows are found is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from shared.keys import SaleKey

Status = Literal["applied", "settled", "blocked", "refused", "failed", "running", "moved"]
STATUSES: tuple[Status, ...] = get_args(Status)
# A running pass is not told yet, and a moved one tells of no sale: shown only when asked for.
UNTOLD: tuple[Status, ...] = ("running", "moved")

DEFAULT_LIMIT = 50  # rows; fills two screens
MAX_LIMIT = 1000  # rows; a page of them is read in well under a second


@dataclass(frozen=True, slots=True)
class Filters:
    """Which passes are asked for; all that is given must hold. None = any."""

    sale: str | None = None  # "sub_…", "cs_…" or "own/test/subscription/sub_…"
    event: str | None = None  # "evt_…"
    status: Status | None = None
    customer: str | None = None  # Stripe's "cus_…" or LicenseKit's "cust_…"
    license: str | None = None  # "lic_…"
    since: datetime | None = None  # started at or after
    until: datetime | None = None  # started before


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step as the journal tells it."""

    step: str  # "renew lic_1 (si_1) until 2027-01-01"
    key: str  # "renew-license/lic_1/2027-01-01T00:00:00Z"
    status: str  # started | done | failed
    error: str | None
    why: str

    def as_json(self) -> dict[str, str | None]:
        """The four names of the contract."""
        return {"step": self.step, "key": self.key, "status": self.status, "error": self.error}


@dataclass(frozen=True, slots=True)
class Fulfillment:
    """One pass over one sale, with the events it covers and the steps it took."""

    pass_id: int
    sale: SaleKey
    events: tuple[str, ...]  # event ids, oldest first
    status: str
    steps: tuple[StepRow, ...]  # in the order they ran
    problems: tuple[Mapping[str, Any], ...]  # {"cause", "subject", "message"}
    customer_id: str | None  # LicenseKit's, as the order and subscription ids
    order_ids: tuple[str, ...]
    subscription_id: str | None
    license_ids: tuple[str, ...]
    started_at: datetime
    finished_at: datetime | None
    error: str | None  # why the pass failed or was refused, for people

    def as_json(self) -> dict[str, Any]:
        """Exactly the contract of `fulfill log --json`; only plain JSON values."""
        return {
            "pass": self.pass_id,
            "sale": sale_json(self.sale),
            "events": list(self.events),
            "status": self.status,
            "steps": [step.as_json() for step in self.steps],
            "problems": [dict(problem) for problem in self.problems],
            "customer_id": self.customer_id,
            "order_ids": list(self.order_ids),
            "subscription_id": self.subscription_id,
            "license_ids": list(self.license_ids),
            "started_at": stamp(self.started_at),
            "finished_at": stamp(self.finished_at),
        }


@dataclass(frozen=True, slots=True)
class Page:
    """Rows newest first, and where the next page starts; None on the last."""

    rows: tuple[Fulfillment, ...]
    next_cursor: int | None  # a pass number: the next page holds older ones


def sale_json(key: SaleKey) -> dict[str, Any]:
    """A sale's four names; `account` is "" for our own."""
    return {"account": key.account, "livemode": key.livemode, "kind": key.kind, "id": key.id}


def stamp(moment: datetime | None) -> str | None:
    """`2026-11-21T04:15:46.120Z`: milliseconds tell steps of one second apart."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
