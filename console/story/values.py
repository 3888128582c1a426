"""What `fulfill show` tells of a sale, as frozen values. Reading and printing stand elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.decisions import decision_json
from console.fulfillments.values import Fulfillment, sale_json, stamp
from console.story.applied import Applied
from shared.keys import SaleKey
from worker.state import Decision


@dataclass(frozen=True, slots=True)
class Delivered:
    """One event that came in. `created_at` is Stripe's clock, `received_at` ours."""

    event_id: str
    type: str
    state: str  # recorded | ignored | refused
    reason: str | None
    object_id: str | None
    created_at: datetime
    received_at: datetime
    fetched: bool = False  # by a sweep: it was never delivered to us

    @property
    def at(self) -> datetime:
        return self.received_at

    def as_json(self) -> dict[str, Any]:
        return {
            "event": self.event_id,
            "type": self.type,
            "state": self.state,
            "reason": self.reason,
            "object": self.object_id,
            "created_at": stamp(self.created_at),
            "received_at": stamp(self.received_at),
            "fetched": self.fetched,
        }


@dataclass(frozen=True, slots=True)
class Passed:
    """One pass, with the reasons that its plan gave and the terms that it followed."""

    row: Fulfillment
    worker: str
    notes: tuple[str, ...]
    terms: tuple[Applied, ...] = ()  # by price

    @property
    def at(self) -> datetime:
        return self.row.started_at

    def as_json(self) -> dict[str, Any]:
        told = self.row.as_json()
        whys = [step.why for step in self.row.steps]
        told["steps"] = [{**s, "why": why} for s, why in zip(told["steps"], whys, strict=True)]
        versions = {one.price_id: one.version for one in self.terms}
        more = {"notes": list(self.notes), "mapping_versions": versions, "error": self.row.error}
        return {**told, "worker": self.worker, **more}


@dataclass(frozen=True, slots=True)
class Ruled:
    """A person decided about the sale, or released it."""

    verb: str  # held | canceled | released
    by: str
    reason: str
    at: datetime

    def as_json(self) -> dict[str, Any]:
        return {"verb": self.verb, "by": self.by, "reason": self.reason, "at": stamp(self.at)}


@dataclass(frozen=True, slots=True)
class Linked:
    """A record that stands in LicenseKit, or (without an id) is about to be made."""

    kind: str  # customer | order | subscription | license
    stripe_key: str
    licensekit_id: str | None
    written: Mapping[str, Any]
    context: Mapping[str, Any]
    linked_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "stripe_key": self.stripe_key,
            "licensekit_id": self.licensekit_id,
            "written": dict(self.written),
            "context": dict(self.context),
            "linked_at": stamp(self.linked_at),
        }


@dataclass(frozen=True, slots=True)
class Waiting:
    """A problem that waits for a person."""

    cause: str
    subject: str
    line_id: str
    message: str
    opened_at: datetime
    happened: str = ""  # the cause in one sentence, as `fulfill problems` has it
    command: str = ""  # what releases it

    def as_json(self) -> dict[str, Any]:
        return {
            "cause": self.cause,
            "subject": self.subject,
            "line_id": self.line_id,
            "message": self.message,
            "opened_at": stamp(self.opened_at),
            "command": self.command,
        }


@dataclass(frozen=True, slots=True)
class Queued:
    """Where the sale stands in the queue."""

    wanted: int
    seen: int
    due_at: datetime
    hinted_at: datetime
    attempts: int
    leased_until: datetime | None

    @property
    def due(self) -> bool:
        """Whether a pass is still to come."""
        return self.wanted > self.seen

    def as_json(self) -> dict[str, Any]:
        return {
            "due": self.due,
            "due_at": stamp(self.due_at) if self.due else None,
            "hinted_at": stamp(self.hinted_at) if self.due else None,
            "attempts": self.attempts,
            "leased_until": stamp(self.leased_until),
        }


Told = Delivered | Passed | Ruled
WHAT: Mapping[type, str] = {Delivered: "delivery", Passed: "pass", Ruled: "decision"}


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known of one sale."""

    key: SaleKey
    status: str | None  # of the last closed pass; None = no pass has closed yet
    customer_id: str | None  # "cus_…"
    bought: Mapping[str, Any]  # the sale as the last pass read it from Stripe; empty before
    queue: Queued
    told: tuple[Told, ...]  # in time order
    links: tuple[Linked, ...]
    problems: tuple[Waiting, ...]
    terms: tuple[Applied, ...] = ()  # by price; empty before anything was fulfilled
    decision: Decision | None = None  # a person's, that holds now
    pruned: bool = False  # whether older passes are not kept any more
    undelivered: frozenset[str] = frozenset()  # licenses whose key was not given out

    def as_json(self, advice: str) -> dict[str, Any]:
        return {
            "sale": sale_json(self.key),
            "status": self.status,
            "customer_id": self.customer_id,
            "now": advice,
            "bought": dict(self.bought),
            "terms": [one.as_json() for one in self.terms],
            "queue": self.queue.as_json(),
            "decision": decision_json(self.decision),
            "pruned": self.pruned,
            "story": [{"what": WHAT[type(one)], **one.as_json()} for one in self.told],
            "links": [link.as_json() for link in self.links],
            "problems": [problem.as_json() for problem in self.problems],
        }
