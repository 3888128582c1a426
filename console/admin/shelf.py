"""Keeps what a service answered for a minute, so that a page of a list costs no call of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

KEPT_FOR = timedelta(seconds=60)  # a new price is seen within a minute, or at once with ?fresh=true

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """What was read, and when."""

    value: T
    read_at: datetime


@dataclass(slots=True)
class Shelf(Generic[T]):
    """By key. Who asks while another reads the same shelf waits for that answer."""

    _kept: dict[object, Kept[T]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(
        self, key: object, read: Callable[[], T], *, now: datetime, fresh: bool = False
    ) -> Kept[T]:
        """What is kept under `key`, or what `read` gives now. An error is not kept."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or fresh or now - kept.read_at >= KEPT_FOR:
                kept = Kept(read(), now)
                self._forget_old(now)
                self._kept[key] = kept
            return kept

    def _forget_old(self, now: datetime) -> None:
        old = [key for key, kept in self._kept.items() if now - kept.read_at >= KEPT_FOR]
        for key in old:
            del self._kept[key]
