"""How many sales a second a sweep over objects looks at, with the simulator and the embedded
LicenseKit as processes of their own, at no latency and at 30 ms a call, with 1 and more threads.

The sales are at rest and it is a dry run: each is listed once and looked at once, and nothing
changes. That is what most of a sweep is.
"""

from __future__ import annotations

import itertools
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy.engine import Engine

from shared import logs
from shared.clock import SystemClock
from shared.database import make_engine, transaction
from shared.inbox import raise_hint
from shared.keys import SaleKey, StripeId
from tests.benchmarks.passes import Shop, open_shop
from tests.benchmarks.rows import Row, middle, percentile
from worker.jobs import make_crew
from worker.schedule import open_means
from worker.sweep.objects import ObjectSweep
from worker.sweep.requests import SweepWish, begin_sweep

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
THREADS = (1, 4, 8)
# latency in ms -> sales at rest: a round takes one to some seconds
SALES = {0: 150, 30: 80}


def run() -> list[Row]:
    logs.configure("json", level=logging.ERROR)
    rows: list[Row] = []
    for latency_ms, sales in SALES.items():
        with open_shop(latency_ms) as shop:
            _bring_to_rest(shop, sales)
            rounds = [[_round(shop, threads, sales) for threads in THREADS] for _ in range(ROUNDS)]
        medians = [middle(seen) for seen in zip(*rounds, strict=True)]
        rows += [replace(row, ratio=row.rate / medians[0].rate) for row in medians]
    return rows


def _bring_to_rest(shop: Shop, sales: int) -> None:
    """So many one-time sales, each with its license."""
    with _engine_of(shop) as engine, transaction(engine) as tx:
        for session in sorted(shop.services.sell(shop.price_id, sales)):
            key = SaleKey("", False, "checkout_session", StripeId(session))
            raise_hint(tx, key, now=SystemClock().now())
    crew = make_crew(replace(shop.settings, worker_threads=16))
    crew.start()
    done = 0
    while passes := crew.bring_to_rest(lambda: None):  # it ends after a minute, done or not
        done += passes
    crew.close()
    assert done == sales, "a pass failed, so there is less to sweep"


def _round(shop: Shop, threads: int, sales: int) -> Row:
    settings = replace(shop.settings, worker_threads=threads)
    moments: list[float] = []
    with _engine_of(shop) as engine:
        with transaction(engine) as tx:
            wish = SweepWish(None, dry_run=True, forced=False, asked_by="bench")
            sweep = begin_sweep(tx, wish, SystemClock().now())
        with open_means(settings, engine, SystemClock(), lambda: None) as means:

            def told(stage: str, _done: int, _total: int | None) -> None:
                if stage == "looking":
                    moments.append(time.perf_counter())

            started = time.perf_counter()
            ended = ObjectSweep(sweep, replace(means, told=told)).run()
            seconds = time.perf_counter() - started
    report = ended.report or {}
    assert report["at_rest"] == sales == report["sales"], "a sale was not at rest"
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    return Row(
        name=f"sweep, {threads} threads, {shop.latency_ms} ms a call",
        unit="sales/s",
        rate=sales / seconds,
        p50_ms=percentile(sorted(gaps), 0.5) * 1000,
        p99_ms=percentile(sorted(gaps), 0.99) * 1000,
    )


@contextmanager
def _engine_of(shop: Shop) -> Iterator[Engine]:
    engine = make_engine(shop.settings.database_url)
    try:
        yield engine
    finally:
        engine.dispose()
