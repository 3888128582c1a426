"""The threads of one worker: they lease due sales and bring them to rest until none is due.

Passes wait for Stripe and LicenseKit most of their time, so one worker runs many at once. Each
thread has clients of its own; engine and vault are shared.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from sqlalchemy.engine import Engine

from shared.clock import Clock
from shared.logs import get_logger
from worker.closing import ClosedPass, retry_later
from worker.deps import Deps
from worker.errors import LeaseLost
from worker.lease import Keeper, Lease, claim_due
from worker.reconcile import reconcile
from worker.watching import watch

log = get_logger("crew")

LONGEST_JOB_SECONDS = 60  # then RQ gets to count, answer signals and take the next wake-up
LOOK_AGAIN_SECONDS = 0.1  # how long a new hint waits while slow passes run and threads are free


class Crew:
    """`threads` passes at once. `make_deps` is called once in each thread."""

    def __init__(
        self,
        engine: Engine,
        make_deps: Callable[[], Deps],
        *,
        threads: int,
        worker: str,
        clock: Clock,
    ) -> None:
        self._engine = engine
        self._make_deps = make_deps
        self._threads = threads
        self._worker = worker
        self._clock = clock
        self._local = threading.local()
        self._made: list[Deps] = []
        self._stopping = threading.Event()
        self._keeper = Keeper(engine, clock)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="pass")

    def start(self) -> None:
        self._keeper.start()

    def stop(self) -> None:
        """Take no more sales; passes that run are finished."""
        self._stopping.set()

    def stopped_within(self, seconds: float) -> bool:
        """Wait so long at most to be asked to stop. Was it?"""
        return self._stopping.wait(seconds)

    def close(self) -> None:
        """Wait for the passes that run, then give everything back."""
        self.stop()
        self._pool.shutdown()
        self._keeper.stop()
        for deps in self._made:
            deps.close()

    def bring_to_rest(self, wake_another: Callable[[], object]) -> int:
        """Run passes until no sale is due; returns how many. Raises what the database raises.

        When more is due than this crew has threads for, another worker is woken once.
        """
        running: set[Future[ClosedPass | None]] = set()
        until = time.monotonic() + LONGEST_JOB_SECONDS
        passes, woken = 0, False
        try:
            while True:
                free = self._threads - len(running)
                leases = self._claim(free) if time.monotonic() < until else []
                running |= {self._pool.submit(self._pass, lease) for lease in leases}
                passes += len(leases)
                if not running:
                    return passes
                if leases and len(leases) == free and not woken:
                    wake_another()
                    woken = True
                running = wait(running, LOOK_AGAIN_SECONDS, FIRST_COMPLETED).not_done
        finally:
            wait(running)

    def _claim(self, free: int) -> list[Lease]:
        if free == 0 or self._stopping.is_set():
            return []
        leases = claim_due(self._engine, worker=self._worker, limit=free, now=self._clock.now())
        for lease in leases:
            self._keeper.keep(lease)
            log.info("lease.taken", key=str(lease.key))
        return leases

    def _pass(self, lease: Lease) -> ClosedPass | None:
        """One pass, whatever happens in it: a bug is tried again too, and shown."""
        with watch(lease, self._engine) as watched:
            try:
                closed = self._guarded(lease)
                watched.status = closed.status
                return closed
            except LeaseLost as lost:
                watched.status = "lost"
                log.warning("lease.lost", key=str(lease.key), error=str(lost))
                return None
            except Exception:  # not even the failure could be written: the lease runs out by itself
                log.exception("pass.unwritten", key=str(lease.key))
                return None
            finally:
                self._keeper.forget(lease)

    def _guarded(self, lease: Lease) -> ClosedPass:
        deps = self._deps()
        try:
            return reconcile(lease, deps)
        except LeaseLost:
            raise
        except Exception as error:
            log.exception("pass.broke", key=str(lease.key))
            return retry_later(lease, error, deps)

    def _deps(self) -> Deps:
        if not hasattr(self._local, "deps"):
            self._local.deps = self._make_deps()
            self._made.append(self._local.deps)
        deps: Deps = self._local.deps
        return deps
