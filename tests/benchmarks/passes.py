"""How many passes a second one worker runs, with the simulator and the embedded LicenseKit as
processes of their own, at no latency and at 30 ms a call, with 1, 16 and 64 threads.

A pass here is the first of a one-time sale: it reads the session, makes customer, order and license
and writes the ids back to three objects of Stripe's. Every round has new sales and new buyers.
"""

from __future__ import annotations

import logging
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from shared import logs
from shared.clock import SystemClock
from shared.database import make_engine, reading, transaction
from shared.inbox import raise_hint
from shared.keys import SaleKey, StripeId
from shared.migrations import upgrade
from shared.settings import Settings, read_settings
from shared.tables import passes
from tests.benchmarks.far_services import FarServices, far_services
from tests.benchmarks.rows import Row, middle, percentile
from tests.conftest import FERNET_KEY, SIGNING_SECRET
from worker.jobs import make_crew

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
LATENCIES_MS = (0, 30)
# threads -> sales a round, for one to five seconds each
SALES = {0: {1: 60, 16: 150, 64: 150}, 30: {1: 8, 16: 100, 64: 200}}


@dataclass(frozen=True, slots=True)
class Shop:
    """The two services at one latency, and our own database."""

    services: FarServices
    settings: Settings
    price_id: str
    latency_ms: int


def run() -> list[Row]:
    logs.configure("json", level=logging.ERROR)
    rows: list[Row] = []
    for latency_ms in LATENCIES_MS:
        with open_shop(latency_ms) as shop:
            _round(shop, threads=4, sales=8)  # warm-up
            rounds = [
                [_round(shop, threads=t, sales=n) for t, n in SALES[latency_ms].items()]
                for _ in range(ROUNDS)
            ]
        medians = [middle(seen) for seen in zip(*rounds, strict=True)]
        rows += [replace(row, ratio=row.rate / medians[0].rate) for row in medians]
    return rows


@contextmanager
def open_shop(latency_ms: int) -> Iterator[Shop]:
    with tempfile.TemporaryDirectory(prefix="fulfill-bench-") as folder, ExitStack() as stack:
        services = stack.enter_context(far_services(Path(folder), latency_ms / 1000))
        settings = read_settings(
            {
                "STRIPE_WEBHOOK_SECRET": SIGNING_SECRET,
                "STRIPE_SECRET_KEY": "sk_test_simulator",
                "STRIPE_API_BASE": services.stripe_url,
                "LICENSEKIT_BASE_URL": services.licensekit_url,
                "LICENSEKIT_API_TOKEN": services.token,
                "FULFILL_ENCRYPTION_KEYS": FERNET_KEY,
                "DATABASE_URL": f"sqlite:///{folder}/bench.db",
            }
        )
        engine = make_engine(settings.database_url)
        upgrade(engine)
        price_id = services.map_a_price(engine)
        engine.dispose()
        yield Shop(services, settings, price_id, latency_ms)


def _round(shop: Shop, *, threads: int, sales: int) -> Row:
    engine = make_engine(shop.settings.database_url)
    now = SystemClock().now()
    sessions = shop.services.sell(shop.price_id, sales)
    with transaction(engine) as tx:
        for session in sorted(sessions):
            raise_hint(tx, SaleKey("", False, "checkout_session", StripeId(session)), now=now)
    crew = make_crew(replace(shop.settings, worker_threads=threads))
    crew.start()
    started = time.perf_counter()
    done = crew.bring_to_rest(lambda: None)
    seconds = time.perf_counter() - started
    crew.close()
    took = _durations(engine, sales)
    engine.dispose()
    assert done == sales == len(took), "a pass failed, so its speed says nothing"
    return Row(
        name=f"passes, {threads} threads, {shop.latency_ms} ms a call",
        unit="passes/s",
        rate=sales / seconds,
        p50_ms=percentile(took, 0.5) * 1000,
        p99_ms=percentile(took, 0.99) * 1000,
    )


def _durations(engine: sa.Engine, newest: int) -> list[float]:
    query = sa.select(passes).where(passes.c.status == "applied")
    with reading(engine) as tx:
        found = tx.execute(query.order_by(passes.c.id.desc()).limit(newest)).all()
    return sorted((row.finished_at - row.started_at).total_seconds() for row in found)
