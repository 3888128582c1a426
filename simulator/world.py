"""What all shops of one simulator share: the lock, the clock, the ids, the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock

from simulator.clock import Clock
from simulator.deliveries import Deliveries, Letter
from simulator.ids import Ids


@dataclass(frozen=True, slots=True)
class Cause:
    """The API request that an event comes from; both None for what happens by itself."""

    request_id: str | None = None
    idempotency_key: str | None = None


class World:
    """One turn at a time: all state is read and written inside `with world.turn()`."""

    def __init__(self, *, now: int, seed: int | None = None) -> None:
        self.clock = Clock(now)
        self.ids = Ids(seed)
        self.outbox = Deliveries(seed)
        self.cause = Cause()
        self._lock = RLock()
        self._depth = 0
        self._letters: list[Letter] = []

    @contextmanager
    def turn(self, cause: Cause | None = None) -> Iterator[None]:
        """Hold the lock; what happened leaves as deliveries when the outermost turn ends."""
        with self._lock:
            before, self.cause = self.cause, cause or self.cause
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                self.cause = before
                if not self._depth:
                    self._post()

    def keep(self, letters: list[Letter]) -> None:
        """To be posted at the end of the turn."""
        self._letters += letters

    def _post(self) -> None:
        letters, self._letters = self._letters, []
        if letters:
            self.outbox.post(letters)
