"""The scheduler, and how far it has swept Stripe's events."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from console.doctor.ages import age_of
from console.doctor.findings import Finding, fail, ok, warn
from console.doctor.visit import Visit
from shared.accounts import ServedAccount
from shared.database import reading
from shared.tables import slots
from worker.sweep.marks import Mark, read_mark

IDLE = timedelta(minutes=1)  # it takes a slot every ten seconds
LATE = timedelta(minutes=30)
LOST = timedelta(days=30)  # Stripe lists an event for no longer
START_IT = 'Start it: "python -m worker --scheduler", or "fulfill up".'


def look_at_scheduler(visit: Visit) -> list[Finding]:
    """Each of its tasks takes a slot in the database; the newest tells when it last ran."""
    with reading(visit.house.engine) as connection:
        newest = connection.scalar(sa.select(sa.func.max(slots.c.slot)))
    # a probe of /readyz writes a slot far in the past
    age = None if newest is None else visit.house.clock.now() - newest
    if age is None or age > LOST:
        return [fail("scheduler", "has not run for a long time, or never", START_IT)]
    told = f"took its last slot {age_of(age)} ago"
    if age > IDLE:
        means = "so what waits for a moment, or was missed, stays so"
        return [fail("scheduler", f"{told}, {means}", START_IT)]
    return [ok("scheduler", told)]


def look_at_sweeps(visit: Visit) -> list[Finding]:
    """How far each account's events are swept: what was never delivered before is known."""
    with reading(visit.house.engine) as connection:
        marks = {served: read_mark(connection, served) for served in visit.served}
    now = visit.house.clock.now()
    return [_sweep(served, mark, now) for served, mark in marks.items()]


def _sweep(served: ServedAccount, mark: Mark | None, now: datetime) -> Finding:
    name = f"sweep {served.account}".strip()
    if mark is None:
        told = "Stripe's events were not swept yet, so one that was never delivered is not noticed"
        return warn(name, told, "The scheduler sweeps by itself; look again in a few minutes.")
    moment = mark.moment
    told = f"Stripe's events are swept up to {age_of(now - moment)} ago"
    if now - moment > LOST:
        since = moment.strftime("%Y-%m-%d")
        told += ", and Stripe keeps them for 30 days"
        return fail(name, told, f'Read the objects themselves: "fulfill sweep --since {since}".')
    if now - moment > LATE:
        return warn(name, told, "Is the scheduler running, and does Stripe answer? It catches up.")
    return ok(name, told)
