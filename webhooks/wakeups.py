"""One wake-up for what the last moments brought, from a thread of its own.

A Redis that is down costs log lines and nothing else: the deliveries are answered, and the sweep
finds what they made due.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

from redis.exceptions import RedisError

from shared.logs import get_logger

GATHER_SECONDS = 0.02  # a burst makes 50 wake-ups a second; a buyer can't tell 20 ms
AGAIN_SECONDS = 1.0  # between tries while Redis is down; the sweep may be faster

log = get_logger("wakeups")


class WakeUps:
    """Gathers calls of `want` and answers them with few calls of `wake`."""

    def __init__(self, wake: Callable[[], bool]) -> None:
        """`wake` says whether it enqueued anything; it may raise RedisError or OSError."""
        self._wake = wake
        self._wanted = Event()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="wake-ups", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Send the wake-up that is still wanted, once, and end the thread."""
        self._stopping.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join()

    def want(self) -> None:
        """Never blocks and never fails."""
        self._wanted.set()

    def _run(self) -> None:
        failing = False
        while not self._stopping.is_set():
            self._wanted.wait()
            last = self._stopping.wait(AGAIN_SECONDS if failing else GATHER_SECONDS)
            self._wanted.clear()
            failing = not self._try(again=failing)
            if failing and not last:
                self._wanted.set()  # tried again until Redis is back

    def _try(self, *, again: bool) -> bool:
        try:
            woken = self._wake()
        except (RedisError, OSError) as error:
            if not again:  # once an outage
                log.warning("queue.unreachable", error=type(error).__name__, heals="by the sweep")
            return False
        if woken:
            log.debug("queue.woken")
        return True
