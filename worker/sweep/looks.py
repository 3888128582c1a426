"""A look at each sale that a sweep found, several at once. Changes nothing."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.database import reading
from shared.keys import SaleKey
from worker.closing import Seen
from worker.deps import Deps
from worker.errors import PermanentError, TemporaryError
from worker.lease import find_sale
from worker.plan.guard import find_danger, takes_away
from worker.reconcile import preview

TRIES = 4  # of one look or one page, before the sweep itself is put off
LONGEST_WAIT_SECONDS = 15.0  # a longer wish of Stripe's or LicenseKit's puts the sweep off
SHORTEST_WAIT_SECONDS = 1.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of one sale. `key` is what was asked for, `sale` where it led."""

    key: SaleKey
    sale: SaleKey
    due: bool  # something is to be done, or a person has to see it
    seen: dict[str, Any] | None = None  # kinds, causes, takes_away, plan


class Lookers:
    """Threads that look, each with clients of its own, made once."""

    def __init__(self, make_deps: Callable[[], Deps], threads: int) -> None:
        self._make_deps = make_deps
        self._local = threading.local()
        self._made: list[Deps] = []
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="look")
        self._stopping = threading.Event()

    def close(self) -> None:
        """Begin no more looks, wait for those that run, and give everything back."""
        self._stopping.set()
        self._pool.shutdown(cancel_futures=True)
        for deps in self._made:
            deps.close()

    def look_at(self, keys: Sequence[SaleKey]) -> list[Look]:
        """In the order given. Raises TemporaryError when a service stays away."""
        return list(self._pool.map(self._look, keys))

    def _look(self, key: SaleKey) -> Look:
        deps = self._deps()
        try:
            return look_of(key, patiently(lambda: preview(key, deps), self._stopping), deps)
        except PermanentError as error:
            problem = {"cause": error.cause, "subject": error.subject, "message": str(error)}
            plan = {"steps": [], "problems": [problem]}
            return Look(key, key, True, _seen(Counter(), [error.cause], plan))

    def _deps(self) -> Deps:
        if not hasattr(self._local, "deps"):
            self._local.deps = self._make_deps()
            self._made.append(self._local.deps)
        deps: Deps = self._local.deps
        return deps


def look_of(key: SaleKey, seen: Seen, deps: Deps) -> Look:
    """Whether the sale has to be raised: steps, problems, or sold and not known to us at all."""
    plan = seen.plan
    if plan.settled:
        return Look(key, seen.key, seen.bought.stage == "paid" and not _known(seen.key, deps))
    causes = [problem.cause for problem in plan.problems]
    if find_danger(plan, deps.limits) is not None:
        causes.append("guard")
    shown = {
        "steps": [str(step) for step in plan.steps],
        "problems": [{"cause": p.cause, "message": p.message} for p in plan.problems],
    }
    kinds = Counter(step.key.partition("/")[0] for step in plan.steps)
    found = _seen(kinds, causes, shown, takes_away=takes_away(plan))
    return Look(key, seen.key, True, found)


def _known(key: SaleKey, deps: Deps) -> bool:
    with reading(deps.engine) as tx:
        return find_sale(tx, key) is not None


def _seen(
    kinds: Counter[str], causes: list[str], plan: dict[str, Any], *, takes_away: bool = False
) -> dict[str, Any]:
    return {"kinds": dict(kinds), "causes": causes, "takes_away": takes_away, "plan": plan}


def patiently(work: Callable[[], T], stopping: threading.Event) -> T:
    """Do it, and again after what passes by itself. Raises TemporaryError where it does not."""
    for _ in range(TRIES - 1):
        try:
            return work()
        except TemporaryError as error:
            wish = max(error.after_seconds or 0.0, SHORTEST_WAIT_SECONDS)
            if wish > LONGEST_WAIT_SECONDS or stopping.wait(wish):
                raise
    return work()
