"""Redis, the wake-ups that wait in it, and the workers that take them."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

from redis import Redis, RedisError
from rq import SimpleWorker

from console.doctor.ages import age_of
from console.doctor.findings import Finding, fail, ok, warn
from console.doctor.visit import Visit
from shared.queue import connect, open_queue

# A worker is heard of once a minute; while a job runs, which it ends itself after a minute, not.
SILENT = timedelta(minutes=4)
START_ONE = 'Start one: "python -m worker", or "fulfill up" for everything on one machine.'


def look_at_redis(visit: Visit) -> list[Finding]:
    """Redis carries only wake-ups: without it sales are late, not lost."""
    url = visit.settings.redis_url
    if not url:
        todo = '"fulfill up" runs a Redis of its own; programs started by hand need REDIS_URL.'
        return [warn("redis", "REDIS_URL is not set, so workers can't be seen from here", todo)]
    try:
        with closing(connect(url)) as connection:
            waiting = open_queue(connection).count
    except RedisError as error:
        told = f"no answer ({type(error).__name__}), so no worker is woken"
        todo = "Start it or correct REDIS_URL. Nothing is lost: sales wait in the database."
        return [fail("redis", told, todo)]
    plural = "" if waiting == 1 else "s"
    return [ok("redis", f"answers; {waiting} wake-up{plural} in the queue")]


def look_at_workers(visit: Visit) -> list[Finding]:
    """Who takes the wake-ups. Nothing to tell where Redis can't be asked: that is told already."""
    if not visit.settings.redis_url:
        return []
    try:
        with closing(connect(visit.settings.redis_url)) as connection:
            heard = _last_heard(connection)
    except RedisError:
        return []
    return [workers_finding(heard, now=visit.house.clock.now())]


def workers_finding(heard: list[datetime], *, now: datetime) -> Finding:
    """`heard`: when each registered worker was heard of last."""
    alive = [moment for moment in heard if now - moment <= SILENT]
    if not alive:
        gone = f" ({len(heard)} went silent)" if heard else ""
        return fail("workers", f"none is running, so sales wait{gone}", START_ONE)
    told = f"{len(alive)} running, last heard of {age_of(now - max(alive))} ago"
    if len(alive) < len(heard):
        lost = len(heard) - len(alive)
        todo = "Look whether one died. Its sales were taken over; the others go on."
        return warn("workers", f"{told}; {lost} went silent", todo)
    return ok("workers", told)


def _last_heard(connection: Redis) -> list[datetime]:
    found = SimpleWorker.all(queue=open_queue(connection))
    beats = [worker.last_heartbeat for worker in found if worker.last_heartbeat]
    return [beat if beat.tzinfo else beat.replace(tzinfo=UTC) for beat in beats]
