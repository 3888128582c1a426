"""Runs programs side by side until told to stop. What they are is the business of `fulfill up`."""

from console.supervision.program import Program, Running, Stage
from console.supervision.supervisor import Supervisor

__all__ = ["Program", "Running", "Stage", "Supervisor"]
