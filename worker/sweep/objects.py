"""A sweep over Stripe's objects, stage by stage: collect, look, judge, raise.

For gaps beyond what Stripe keeps of its events, and for a first import. Each stage writes down how
far it is, so a sweep that is killed goes on where it stopped. Passes are left to the workers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection, Engine

from shared.accounts import ServedAccount
from shared.clock import Clock
from shared.database import reading, transaction
from shared.inbox import NO_HURRY, raise_hint
from shared.logs import get_logger
from worker.errors import PermanentError, TemporaryError
from worker.gateways.stripe_lists import ListPage, StripeLists
from worker.plan.guard import Limits
from worker.sweep import found
from worker.sweep.kinds import Kind, lists_of
from worker.sweep.looks import Look, Lookers, patiently
from worker.sweep.report import PLANS_SHOWN, make_report
from worker.sweep.requests import Sweep, finish, read_sweep, save

log = get_logger("sweep")

RAISED_AT_ONCE = 500  # sales a transaction: nobody waits for it longer than a moment
LOOKS_FOR_EACH = 4  # looks for each thread between two writes, so that the lease is kept

Told = Callable[[str, int, int | None], None]  # stage, done, of how many


class Stopped(Exception):
    """Somebody asked the sweep to stop. It goes on from here another time."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a sweep works with. `lists_of` gives the client that may ask for an account."""

    engine: Engine
    clock: Clock
    limits: Limits
    accounts: Sequence[ServedAccount]
    lists_of: Callable[[ServedAccount], StripeLists]
    lookers: Lookers
    threads: int
    wake: Callable[[], object]
    stopping: threading.Event = field(default_factory=threading.Event)
    told: Told = lambda _stage, _done, _total: None


class ObjectSweep:
    """Carries one sweep out, under its lease."""

    def __init__(self, sweep: Sweep, means: Means) -> None:
        self._sweep = sweep
        self._means = means
        self._progress: dict[str, Any] = {key: dict(of) for key, of in sweep.progress.items()}
        self._shown = 0

    def run(self) -> Sweep:
        """To its end. Raises Stopped, LeaseLost, TemporaryError, or what the database raises."""
        self._collect()
        self._look()
        report = self._report()
        refused = report["guard"] is not None and not self._sweep.wish.forced
        if not refused and not self._sweep.wish.dry_run:
            report["raised"] = self._raise()
        state = "refused" if refused and not self._sweep.wish.dry_run else "done"
        with transaction(self._means.engine) as tx:
            finish(tx, self._sweep, state, {"report": report}, now=self._now())
            ended = read_sweep(tx, self._sweep.id)
        assert ended is not None, "a sweep is kept when it ends"
        log.info("sweep.objects", sweep=ended.id, state=state, raised=report["raised"])
        return ended

    def _collect(self) -> None:
        """Write down the sale that each object names. Goes on after the last object read."""
        for name, account, kind in lists_of(list(self._means.accounts)):
            at = self._progress.setdefault(name, {"read": 0, "last": None, "done": False})
            while not at["done"]:
                self._check_stop()
                self._collect_page(account, kind, at)
                self._means.told(
                    "reading", sum(one["read"] for one in self._progress.values()), None
                )

    def _collect_page(self, account: ServedAccount, kind: Kind, at: dict[str, Any]) -> None:
        since = self._sweep.wish.since
        try:
            page = self._page(account, kind, at["last"])
        except (TemporaryError, PermanentError) as error:
            if not account.account:
                raise
            # one connected account that let us go must not hold up all others
            at.update(done=True, error=str(error))
            page = ListPage([], None)
        keys = [key for row in page.rows if (key := kind.key(row, account, since)) is not None]
        done = at["done"] or page.last is None
        at.update(read=at["read"] + len(page.rows), last=page.last or at["last"], done=done)
        with transaction(self._means.engine) as tx:
            found.keep(tx, self._sweep.id, keys)
            self._save(tx)

    def _page(self, account: ServedAccount, kind: Kind, after: str | None) -> ListPage:
        lists, asked = self._means.lists_of(account), kind.asked(self._sweep.wish.since)

        def read(after: str | None) -> ListPage:
            return patiently(
                lambda: lists.page(account.account, kind.path, asked, after=after),
                self._means.stopping,
            )

        try:
            return read(after)
        except PermanentError:
            if after is None:
                raise
            return read(None)  # the last object was deleted meanwhile: from the start, once more

    def _look(self) -> None:
        """What would a pass do with each? Those at rest are only counted."""
        self._shown = self._plans_kept()
        batch = self._means.threads * LOOKS_FOR_EACH
        while keys := self._some("found", batch):
            self._check_stop()
            looks = self._means.lookers.look_at(keys)
            with transaction(self._means.engine) as tx:
                for look in looks:
                    self._write(tx, look)
                self._save(tx)
                counts = found.how_many(tx, self._sweep.id)
            self._means.told("looking", _done(counts), sum(counts.values()))

    def _plans_kept(self) -> int:
        with reading(self._means.engine) as tx:
            return sum(bool(one and one.get("plan")) for one in found.all_seen(tx, self._sweep.id))

    def _write(self, tx: Connection, look: Look) -> None:
        state: found.State = "due" if look.due else "rest"
        seen = look.seen
        if seen is not None:
            shown = self._shown < PLANS_SHOWN
            self._shown += shown
            plan = {"sale": str(look.sale), **seen["plan"]} if shown else None
            seen = {**seen, "plan": plan}
        if look.sale == look.key:
            found.write(tx, self._sweep.id, look.key, state, seen)
        else:
            found.write(tx, self._sweep.id, look.key, "moved", None)
            found.keep(tx, self._sweep.id, [look.sale], state, seen)

    def _report(self) -> dict[str, Any]:
        unread = {name: at["error"] for name, at in self._progress.items() if at.get("error")}
        with reading(self._means.engine) as tx:
            return make_report(tx, self._sweep.id, self._means.limits, unread)

    def _raise(self) -> int:
        """Make due what has something to do, behind new sales. Returns how many."""
        while keys := self._some("due", RAISED_AT_ONCE):
            self._check_stop()
            with transaction(self._means.engine) as tx:
                for key in keys:
                    raise_hint(tx, key, now=self._now(), urgency=NO_HURRY)
                found.raised(tx, self._sweep.id, keys)
                self._save(tx)
                counts = found.how_many(tx, self._sweep.id)
            self._means.wake()
            done = counts["raised"]
            self._means.told("raising", done, done + counts.get("due", 0))
        with reading(self._means.engine) as tx:
            return found.how_many(tx, self._sweep.id).get("raised", 0)

    def _some(self, state: found.State, limit: int) -> list[Any]:
        with reading(self._means.engine) as tx:
            return found.some(tx, self._sweep.id, state, limit)

    def _save(self, tx: Connection) -> None:
        save(tx, self._sweep, {"progress": self._progress}, now=self._now())

    def _check_stop(self) -> None:
        if self._means.stopping.is_set():
            raise Stopped

    def _now(self) -> datetime:
        return self._means.clock.now()


def _done(counts: dict[str, int]) -> int:
    return sum(counts.values()) - counts.get("found", 0)
