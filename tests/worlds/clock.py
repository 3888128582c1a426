"""A clock that stands where a test puts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.worlds.sales import NOW


@dataclass(slots=True)
class FixedClock:
    """The time, as the test has it."""

    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment

    def move(self, **by: float) -> None:
        self.moment += timedelta(**by)
