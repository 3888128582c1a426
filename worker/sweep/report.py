"""What a sweep over objects found, in numbers, with some of the plans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Connection

from worker.plan.guard import Limits, find_share_danger
from worker.sweep import found

PLANS_SHOWN = 100  # in the report; `fulfill plan` shows any other


@dataclass(slots=True)
class Tally:
    """Counts over all sales that are not at rest."""

    changes: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    with_steps: int = 0
    with_problems: int = 0
    taking_away: int = 0
    plans: list[Mapping[str, Any]] = field(default_factory=list)
    plans_left_out: int = 0

    def add(self, seen: Mapping[str, Any] | None) -> None:
        if seen is None:  # sold, at rest, and not known to us yet
            return
        self.changes.update(seen["kinds"])
        self.problems.update(seen["causes"])
        self.with_steps += bool(seen["kinds"])
        self.with_problems += bool(seen["causes"])
        self.taking_away += seen["takes_away"]
        if seen.get("plan") is not None and len(self.plans) < PLANS_SHOWN:
            self.plans.append(seen["plan"])
        else:
            self.plans_left_out += 1


def make_report(
    tx: Connection, sweep_id: int, limits: Limits, unread: Mapping[str, str]
) -> dict[str, Any]:
    """Counts by kind of change, problems by cause, what the guard says, and the first plans.

    `unread` are lists that could not be read, and why.
    """
    counts = found.how_many(tx, sweep_id)
    at_rest, due = counts.get("rest", 0), counts.get("due", 0) + counts.get("raised", 0)
    tally = _count(found.all_seen(tx, sweep_id))
    return {
        "sales": at_rest + due,
        "at_rest": at_rest,
        "due": due,
        "with_steps": tally.with_steps,
        "with_problems": tally.with_problems,
        "taking_away": tally.taking_away,
        "changes": dict(sorted(tally.changes.items())),
        "problems": dict(sorted(tally.problems.items())),
        "plans": tally.plans,
        "plans_left_out": tally.plans_left_out,
        "guard": find_share_danger(tally.taking_away, at_rest + due, limits),
        "unread": dict(unread),
        "raised": 0,
    }


def _count(seen: Iterable[Mapping[str, Any] | None]) -> Tally:
    tally = Tally()
    for one in seen:
        tally.add(one)
    return tally
