"""The signing secrets: how old is each, and which made the signatures of late?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from console.doctor.ages import age_of
from console.doctor.findings import Finding, ok, warn
from console.doctor.visit import Visit
from shared.database import reading
from shared.tables import events, signing_secrets
from webhooks.fingerprints import fingerprint

NEWEST = 1_000  # deliveries that are looked at: by their number, so a million cost the same
OLD = timedelta(days=365)
OVERLAP = timedelta(hours=48)  # Stripe signs with a rolled secret for 24 hours at most


@dataclass(frozen=True, slots=True)
class SigningSecret:
    """One of STRIPE_WEBHOOK_SECRET, by its place there from 1."""

    place: int
    first_seen_at: datetime | None  # None = no receiver started with it yet
    matched_at: datetime | None  # the newest delivery it signed, of the newest ones
    front_since: datetime | None  # when the first one was seen first
    front_matched: bool

    @property
    def name(self) -> str:
        return f"signing secret {self.place}"


def look_at_signing_secrets(visit: Visit) -> list[Finding]:
    """One finding a secret, by place; none is ever shown."""
    names = [fingerprint(one) for one in visit.settings.stripe_webhook_secrets]
    with reading(visit.house.engine) as connection:
        seen = _first_seen(connection, names)
        matched = _last_matches(connection, since=max(seen.values(), default=None))
    front = names[0] if names else ""
    secrets = [
        SigningSecret(place + 1, seen.get(name), matched.get(place), seen.get(front), 0 in matched)
        for place, name in enumerate(names)
    ]
    return [secret_finding(one, now=visit.house.clock.now()) for one in secrets]


def secret_finding(secret: SigningSecret, *, now: datetime) -> Finding:
    """Old, no longer of use, or fine."""
    if secret.first_seen_at is None:
        todo = "Restart web: a receiver reads its secrets when it starts."
        return warn(secret.name, "no receiver has started with it yet", todo)
    age = now - secret.first_seen_at
    told = f"in use for {age_of(age)}, {_matched(secret, now)}"
    if _can_go(secret, now):
        todo = "Take it out of STRIPE_WEBHOOK_SECRET, unless a second endpoint signs with it."
        return warn(secret.name, told, todo)
    if age > OLD:
        todo = "Roll it: docs/6-operations.md, Change a secret."
        return warn(secret.name, told, todo)
    return ok(secret.name, told)


def _matched(secret: SigningSecret, now: datetime) -> str:
    if secret.matched_at is None:
        return f"matched none of the newest {NEWEST} deliveries"
    return f"matched last {age_of(now - secret.matched_at)} ago"


def _can_go(secret: SigningSecret, now: datetime) -> bool:
    """A later one that signs nothing any more, while the one in front does."""
    if secret.place == 1 or secret.matched_at is not None or secret.front_since is None:
        return False
    return secret.front_matched and now - secret.front_since > OVERLAP


def _first_seen(connection: Connection, names: list[str]) -> dict[str, datetime]:
    known = sa.select(signing_secrets).where(signing_secrets.c.fingerprint.in_(names))
    return {row.fingerprint: row.first_seen_at for row in connection.execute(known)}


def _last_matches(connection: Connection, *, since: datetime | None) -> Mapping[int, datetime]:
    """By place, from 0. Events keep the place as it was, so none from before the newest secret
    came counts: it may have moved the others on. Those that a sweep fetched have place -1.
    """
    if since is None:
        return {}
    newest = (
        sa.select(events.c.secret, events.c.received_at)
        .order_by(events.c.id.desc())
        .limit(NEWEST)
        .subquery()
    )
    last = sa.func.max(newest.c.received_at).label("received_at")
    query = sa.select(newest.c.secret, last).where(newest.c.received_at >= since)
    rows = connection.execute(query.group_by(newest.c.secret))
    return {row.secret: row.received_at for row in rows}
