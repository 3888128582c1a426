"""What must always be true, looked at by the clock, whatever a pass believes of its own work.

Each look is bounded: sales are walked in batches, LicenseKit is asked so often at the most. What is
found is kept as a count and ten ids; nothing is mended here.
"""

from __future__ import annotations

from worker.invariants.kept import read_findings, run_look
from worker.invariants.table import INVARIANTS, LOOKS
from worker.invariants.values import Finding, Invariant, Look, Scene

__all__ = [
    "INVARIANTS",
    "LOOKS",
    "Finding",
    "Invariant",
    "Look",
    "Scene",
    "read_findings",
    "run_look",
]
