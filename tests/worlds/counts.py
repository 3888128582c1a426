"""What a program counted while something happened, as a difference: tests share the counters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from shared.metrics import read_counts


@dataclass(slots=True)
class Counts:
    """Which counters rose, and by how much; empty until the end."""

    rose: dict[str, float] = field(default_factory=dict)

    def of(self, name: str) -> dict[str, float]:
        """Those of one metric, by their labels: `{"outcome=recorded": 1}`."""
        return {
            found[len(name) + 1 : -1]: by
            for found, by in self.rose.items()
            if found.startswith(f"{name}{{")
        }


@contextmanager
def counted() -> Iterator[Counts]:
    counts = Counts()
    before = read_counts()
    yield counts
    for name, value in read_counts().items():
        if value != before.get(name, 0.0):
            counts.rose[name] = value - before.get(name, 0.0)
