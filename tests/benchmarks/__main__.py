"""`make bench`: every bench in this folder, or those named as arguments, in one table."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tests.benchmarks.rows import Row

BENCHES = ("receiver", "passes", "sweep", "reads")


def measured(names: Sequence[str]) -> list[Row]:
    """The rows of every named bench that is there, in order; each is a module with `run()`."""
    rows: list[Row] = []
    for name in names:
        if importlib.util.find_spec(f"tests.benchmarks.{name}") is not None:
            rows += importlib.import_module(f"tests.benchmarks.{name}").run()
    return rows


def main() -> None:
    table = Table("what", "rate", "p50", "p99", "ratio", title="Measured side by side, medians")
    for row in measured(sys.argv[1:] or BENCHES):
        table.add_row(
            row.name,
            f"{row.rate:,.1f} {row.unit}",
            f"{row.p50_ms:.1f} ms",
            f"{row.p99_ms:.1f} ms",
            "" if row.ratio is None else f"{row.ratio:.2f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
