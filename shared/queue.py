"""The wake-up: how a receiver or a sweep tells the workers that something is due.

Redis holds no sale and no event. A wake-up that is lost costs the seconds until the next one or
the sweep. What is due, in which order and how often it was tried stands in the database.
"""

from __future__ import annotations

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

QUEUE = "fulfill"  # one queue per worker: with two, RQ loses a job when the worker dies early
JOB = "worker.jobs.bring_to_rest"  # by its name: webhooks and worker never import each other

CONNECT_SECONDS = 0.5  # a Redis that is down must not hold up the receiver's thread
ANSWER_SECONDS = 1.0
JOB_TIMEOUT_SECONDS = 300  # the job ends itself long before; RQ's alarm is the last resort
RESULT_SECONDS = 60  # nobody reads it, but deleting at once costs RQ more round trips
FAILURE_SECONDS = 3_600  # long enough to look at; RQ's own year would fill Redis
ENOUGH_WAITING = 8  # a waiting wake-up covers all that is due: more only serve more workers


def connect(redis_url: str) -> Redis:
    """A client with short timeouts; it opens its connection on first use."""
    return Redis.from_url(
        redis_url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=ANSWER_SECONDS
    )


def connect_worker(redis_url: str) -> Redis:
    """A worker's client: it waits for wake-ups as long as RQ wants, but never to connect."""
    return Redis.from_url(redis_url, socket_connect_timeout=CONNECT_SECONDS)


def open_queue(connection: Redis) -> Queue:
    """The one queue. JSON on both sides: RQ's own pickle would run what anyone puts there."""
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer)


class Waker:
    """Enqueues wake-ups over one connection, which it keeps. Without a URL it wakes nobody."""

    def __init__(self, redis_url: str) -> None:
        self._queue = open_queue(connect(redis_url)) if redis_url else None

    def wake(self) -> bool:
        """Enqueue a wake-up; False when enough are waiting. Raises redis.RedisError when down."""
        if self._queue is None or self._queue.count >= ENOUGH_WAITING:
            return False
        self._queue.enqueue_call(
            JOB,
            timeout=JOB_TIMEOUT_SECONDS,
            result_ttl=RESULT_SECONDS,
            failure_ttl=FAILURE_SECONDS,
            # no ttl while it waits: an expired job's id would still be counted as waiting
        )
        return True

    def close(self) -> None:
        if self._queue is not None:
            self._queue.connection.close()


def wake(redis_url: str) -> bool:
    """One wake-up over a connection of its own. Raises redis.RedisError when Redis is down."""
    waker = Waker(redis_url)
    try:
        return waker.wake()
    finally:
        waker.close()
