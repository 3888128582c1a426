"""What waits for a person, grouped by what releases it. Nothing here writes."""

from console.problems.read import count_problems, read_problems
from console.problems.values import ProblemGroup

__all__ = ["ProblemGroup", "count_problems", "read_problems"]
