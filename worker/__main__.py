"""`python -m worker` is one worker, `python -m worker --scheduler` the scheduler.

Both run until SIGTERM or SIGINT and then finish what they are at. Several of each may run.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from redis import RedisError
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from shared import logs, tracing
from shared.database import make_engine
from shared.migrations import missing
from shared.queue import QUEUE, connect_worker
from shared.settings import Settings, SettingsError, read_settings
from worker.jobs import bring_to_rest, this_crew, worker_name
from worker.metrics_port import serve_metrics
from worker.schedule import make_scheduler

log = logs.get_logger("worker")

MAINTENANCE_SECONDS = 60  # RQ's own 600 leaves a dead worker's wake-up unfound for so long
ALIVE_SECONDS = 75  # RQ tells so often, less 15 s, that it lives; its own 420 would hide a death
NO_DATABASE = (
    "The database can't be reached, so sales wait; none is lost. Start it, or correct "
    "DATABASE_URL, then start this program again; it takes up what waits."
)
REDIS_AWAY_SECONDS = 2.0  # how often a Redis that is down is tried again


class Worker(SimpleWorker):
    """RQ's worker without a fork per job; its stop also stops our threads from taking sales."""

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        this_crew().stop()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def _install_signal_handlers(self) -> None:
        super()._install_signal_handlers()  # type: ignore[no-untyped-call]
        # asked while RQ was still starting: it knows nothing of that and would wait for ever
        self._stop_requested = this_crew().stopped_within(0)


def _on_stop(stop: Callable[..., None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def run_worker(settings: Settings) -> None:
    """Take wake-ups until stopped, over every Redis time-out and restart."""
    crew = this_crew()

    def stop(*_: object) -> None:
        crew.stop()

    _on_stop(stop)
    log.info("worker.started", worker=worker_name(), threads=settings.worker_threads)
    bring_to_rest()  # what became due while no worker ran
    while not crew.stopped_within(0):
        _take_wake_ups(settings)
        _on_stop(stop)  # RQ had put its own in place
        # RQ returns when it was asked to stop, but also when Redis answers no more
        if not crew.stopped_within(0):
            log.warning("worker.redis_away")
            crew.stopped_within(REDIS_AWAY_SECONDS)
    crew.close()
    log.info("worker.stopped", worker=worker_name())


def _take_wake_ups(settings: Settings) -> None:
    """Until RQ ends, for whatever reason."""
    with suppress(RedisError):
        worker = Worker(
            [QUEUE],
            connection=connect_worker(settings.redis_url),
            serializer=JSONSerializer,
            maintenance_interval=MAINTENANCE_SECONDS,
            worker_ttl=ALIVE_SECONDS,
        )
        worker.work(logging_level="WARNING")


def run_scheduler(settings: Settings) -> None:
    """Do what is due by the clock until stopped."""
    scheduler = make_scheduler(settings)
    _on_stop(lambda *_: scheduler.stop())
    log.info("scheduler.started", worker=worker_name())
    scheduler.run()


def _watch(settings: Settings, program: str) -> None:
    """Metrics on a port of their own and traces, where the settings ask for them."""
    tracing.start(settings.otlp_endpoint, program)
    if settings.metrics_port is not None:
        serve_metrics(settings.metrics_port, settings.metrics_token)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m worker", description=__doc__)
    parser.add_argument("--scheduler", action="store_true", help="run the scheduler instead")
    wants = parser.parse_args()
    try:
        settings = read_settings(os.environ, role="scheduler" if wants.scheduler else "worker")
    except SettingsError as error:
        print("\n".join(error.faults), file=sys.stderr)
        return 2
    logs.configure(settings.log_format)
    logs.route_standard()
    logging.getLogger("rq").setLevel(logging.WARNING)
    try:
        lacking = missing(make_engine(settings.database_url))
    except SQLAlchemyError as error:
        # only its kind: a driver's text may hold the database's address and user
        print(f"{NO_DATABASE} ({type(error).__name__})", file=sys.stderr)
        return 1
    if lacking:
        print(lacking, file=sys.stderr)
        return 2
    _watch(settings, "scheduler" if wants.scheduler else "worker")
    run_scheduler(settings) if wants.scheduler else run_worker(settings)
    tracing.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
