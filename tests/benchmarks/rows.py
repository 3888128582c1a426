"""One line of the printed table, the same for every bench."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Row:
    """A measurement: how many a second, and how long one took."""

    name: str
    unit: str  # "requests/s", "passes/s"
    rate: float
    p50_ms: float
    p99_ms: float
    # of this rate to the row it is measured against; for reads, of this time to the small one's
    ratio: float | None = None


def middle(rows: Sequence[Row]) -> Row:
    """The median of each number over several rounds of one measurement."""
    return Row(
        rows[0].name,
        rows[0].unit,
        median(row.rate for row in rows),
        median(row.p50_ms for row in rows),
        median(row.p99_ms for row in rows),
    )


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie; 0 when there are none."""
    if not sorted_values:
        return 0.0
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]
