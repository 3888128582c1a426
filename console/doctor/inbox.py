"""The database, and what waits in it for a pass."""

from __future__ import annotations

from datetime import timedelta

from console.doctor.ages import age_of
from console.doctor.findings import Finding, fail, ok
from console.doctor.visit import Visit
from shared.database import reading
from shared.inbox import due_count, oldest_hint


def look_at_database(visit: Visit) -> list[Finding]:
    """Does it answer, and has it the tables of this release?"""
    fault = visit.database_fault
    if fault is None:
        where = visit.house.engine.url.render_as_string(hide_password=True)
        return [ok("database", f"{where} stands at this release")]
    todo = 'Run "fulfill db upgrade".'
    if "can't be read" in fault:
        todo = "Start it, or correct DATABASE_URL."
    return [fail("database", fault, todo)]


def look_at_queue(visit: Visit) -> list[Finding]:
    """How many sales wait, and for how long the oldest hint has."""
    with reading(visit.house.engine) as connection:
        waiting, oldest = due_count(connection), oldest_hint(connection)
    if oldest is None:
        return [ok("queue", "no sale waits")]
    age = visit.house.clock.now() - oldest
    told = f"{waiting} waiting, the oldest hint for {age_of(age)}"
    if age <= timedelta(seconds=visit.settings.inbox_max_age_seconds):
        return [ok("queue", told)]
    todo = 'Is a worker running? See why with "fulfill log --status failed".'
    return [fail("queue", told, todo)]
