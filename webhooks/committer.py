"""Group commit: deliveries that arrive together share one transaction.

One thread writes. While a commit waits for the disk the next batch gathers, so batches grow with
the load and a lone delivery waits for nobody. What is written is the inbox's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread

from shared.inbox import Delivery, Outcome
from shared.logs import get_logger

BATCH_LIMIT = 256  # rows a statement; SQLite allows 32,766 values, a row has 13

Write = Callable[[Sequence[Delivery]], list[Outcome]]
Submission = tuple[Delivery, "asyncio.Future[Outcome]"]

log = get_logger("committer")


class NotWritten(Exception):
    """The event could not be written down; Stripe will deliver it again."""


class Committer:
    """Takes deliveries from one event loop and answers each when its own row is durable."""

    def __init__(
        self, write: Write, *, is_outage: Callable[[Exception], bool], batch_limit: int
    ) -> None:
        """`is_outage` tells whether an error will meet the next write as well."""
        self._write = write
        self._is_outage = is_outage
        self._batch_limit = batch_limit
        self._gathered: list[Submission] = []
        self._handed_over: SimpleQueue[list[Submission] | None] = SimpleQueue()
        self._accepting = False
        self._thread = Thread(target=self._run, name="inbox-writer", daemon=True)

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread.start()
        self._accepting = True

    async def stop(self) -> None:
        """Write what was submitted, then end the thread."""
        self._accepting = False
        self._hand_over()
        self._handed_over.put(None)
        await asyncio.to_thread(self._thread.join)

    def submit(self, delivery: Delivery) -> asyncio.Future[Outcome]:
        """The future outcome; NotWritten is raised from it. Only from the loop that started."""
        if not self._accepting:
            raise NotWritten("the receiver has not started or is stopping")
        if not self._gathered:
            # at the end of this turn of the loop: what arrived together is handed over at once
            self._loop.call_soon(self._hand_over)
        future: asyncio.Future[Outcome] = self._loop.create_future()
        self._gathered.append((delivery, future))
        return future

    def _hand_over(self) -> None:
        if self._gathered:
            self._handed_over.put(self._gathered)
            self._gathered = []

    def _run(self) -> None:
        waiting: list[Submission] = []
        open_for_more = True
        while open_for_more or waiting:
            # blocks while there is nothing to write, never while there is
            while open_for_more and (not waiting or self._more_fits(waiting)):
                handed_over = self._handed_over.get()
                open_for_more = handed_over is not None
                waiting += handed_over or []
            batch, waiting = waiting[: self._batch_limit], waiting[self._batch_limit :]
            if batch:
                self._commit(batch)

    def _more_fits(self, waiting: list[Submission]) -> bool:
        return len(waiting) < self._batch_limit and not self._handed_over.empty()

    def _commit(self, batch: list[Submission]) -> None:
        results: list[Outcome | NotWritten]
        try:
            results = [*self._write([delivery for delivery, _ in batch])]
        except Exception as error:
            log.error("inbox.failed", events=len(batch), error=type(error).__name__)
            results = self._one_by_one(batch, error)
        futures = [future for _, future in batch]
        self._loop.call_soon_threadsafe(_settle, futures, results)

    def _one_by_one(self, batch: list[Submission], error: Exception) -> list[Outcome | NotWritten]:
        """So that one event the database won't take doesn't fail its neighbours."""
        results: list[Outcome | NotWritten] = []
        out = len(batch) == 1
        for delivery, _ in batch:
            if not out:
                try:
                    results += self._write([delivery])
                    continue
                except Exception as own:
                    error = own
                    out = self._is_outage(own)
            results.append(NotWritten(type(error).__name__))
        return results


def _settle(futures: list[asyncio.Future[Outcome]], results: list[Outcome | NotWritten]) -> None:
    for future, result in zip(futures, results, strict=True):
        if future.done():  # its request was cancelled; the row stands all the same
            continue
        if isinstance(result, NotWritten):
            future.set_exception(result)
        else:
            future.set_result(result)
