"""What must always be true, looked at by the clock, whatever a pass believes of its own work.

Each look is bounded: sales are walked in batches, LicenseKit is asked so often at the most. What is
found is kept as a count and ten ids; nothing is mended here. The looks themselves: `looks`.
"""

from __future__ import annotations

from worker.invariants.kept import read_findings
from worker.invariants.values import Finding, Invariant
from worker.invariants.words import INVARIANTS

__all__ = ["INVARIANTS", "Finding", "Invariant", "read_findings"]
