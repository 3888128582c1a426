"""How long people wait for an answer after 10,000 events and after 1,000,000, on both databases.

Each round asks one question of each kind of the small and of the large database in turn, so that
whatever else the machine does meets both alike. The ratio tells how many times as long the large
one takes.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import httpx
from sqlalchemy import event
from sqlalchemy.engine import Engine

from console.asgi import make_app
from console.fulfillments import Filters, read_page
from console.fulfillments.refused import read_refused
from console.problems import read_problems
from console.story import find, read_stories
from licensing.database import upgrade as upgrade_licensing
from shared.database import make_engine, reading
from shared.migrations import upgrade
from shared.settings import Settings, read_settings
from tests.benchmarks.fill import fill
from tests.benchmarks.rows import Row, percentile
from tests.conftest import FERNET_KEY, SIGNING_SECRET
from tests.integration.console.web import serve_app
from tests.postgres import postgres_cluster
from tests.worlds.world import hurry

SMALL = int(os.environ.get("BENCH_SMALL", "10000"))
LARGE = int(os.environ.get("BENCH_LARGE", "1000000"))
ROUNDS = int(os.environ.get("BENCH_READS", "40"))
ADMIN = "admin_bench"

Ask = Callable[[int], object]  # the how manyth round


@dataclass(frozen=True, slots=True)
class Shop:
    """A filled database, and the doors in front of it."""

    events: int
    settings: Settings
    engine: Engine
    web: httpx.Client

    def questions(self) -> dict[str, Ask]:
        return {
            "log": lambda _: self._log(Filters()),
            "log --status failed": lambda _: self._log(Filters(status="failed")),
            "log --customer": lambda n: self._log(Filters(customer=f"cus_{self._some(n) // 2}")),
            "show sub_…": lambda n: self._show(f"sub_{self._some(n)}"),
            "show ch_…": lambda n: self._show(f"ch_{self._some(n)}"),
            "problems": lambda _: self._problems(),
            "admin list": self._list,
        }

    def _some(self, n: int) -> int:
        """A sale somewhere in the middle, another one each round."""
        return 2 + (n * 7919) % (self.events // 10)

    def _log(self, filters: Filters) -> None:
        with reading(self.engine) as connection:
            page = read_page(connection, filters)
            read_refused(connection, filters)
        assert page.rows

    def _show(self, name: str) -> None:
        with reading(self.engine) as connection:
            found = find(connection, name)
            assert read_stories(connection, found.sale_ids)

    def _problems(self) -> None:
        with reading(self.engine) as connection:
            assert len(read_problems(connection, self.settings, datetime.now(UTC))) == 4

    def _list(self, n: int) -> None:
        cursor = 2 * self._some(n)
        answer = self.web.get(
            f"/stripe/admin/fulfillments?cursor={cursor}",
            headers={"Authorization": f"Bearer {ADMIN}"},
        )
        assert answer.json()["data"], answer.text


def run() -> list[Row]:
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="fulfill-bench-") as folder:
        rows += _on(lambda events: f"sqlite:///{folder}/{events}.db", Path(folder), "SQLite")
        with postgres_cluster() as cluster:
            rows += _on(
                lambda events: cluster.create(f"bench_{events}"), Path(folder), "PostgreSQL"
            )
    return rows


def _on(make_url: Callable[[int], str], folder: Path, name: str) -> list[Row]:
    with (
        _shop(make_url(SMALL), SMALL, folder) as small,
        _shop(make_url(LARGE), LARGE, folder) as large,
    ):
        took: dict[tuple[str, int], list[float]] = {}
        for n in range(ROUNDS + 2):  # the first two warm up
            for shop in (small, large):
                for question, ask in shop.questions().items():
                    started = time.perf_counter()
                    ask(n)
                    seconds = time.perf_counter() - started
                    if n >= 2:
                        took.setdefault((question, shop.events), []).append(seconds)
        return [row for question in small.questions() for row in _rows(question, took, name)]


def _rows(question: str, took: dict[tuple[str, int], list[float]], name: str) -> Iterator[Row]:
    first: Row | None = None
    for events in (SMALL, LARGE):
        seconds = sorted(took[question, events])
        row = Row(
            name=f"{question}, {events:,} events, {name}",
            unit="reads/s",
            rate=1 / median(seconds),
            p50_ms=median(seconds) * 1000,
            p99_ms=percentile(seconds, 0.99) * 1000,
        )
        yield row if first is None else replace(row, ratio=row.p50_ms / first.p50_ms)
        first = row


@contextmanager
def _shop(url: str, events: int, folder: Path) -> Iterator[Shop]:
    settings = read_settings(
        {
            "STRIPE_WEBHOOK_SECRET": SIGNING_SECRET,
            "STRIPE_SECRET_KEY": "sk_live_bench",
            "LICENSEKIT_API_TOKEN": "lk_bench",
            "FULFILL_ADMIN_TOKEN": ADMIN,
            "FULFILL_ENCRYPTION_KEYS": FERNET_KEY,
            "DATABASE_URL": url,
            "LICENSING_DATABASE_URL": f"sqlite:///{folder}/licensekit-{events}.db",
        }
    )
    engine = make_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", hurry)
    upgrade(engine)
    upgrade_licensing(settings.licensing_database_url)
    fill(engine, events)
    with serve_app(make_app(settings)) as web:
        yield Shop(events, settings, engine, web)
    engine.dispose()
