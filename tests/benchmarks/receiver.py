"""How many deliveries a second, side by side in one run: bare route, group commit, one by one.

Each server is a process of its own (uvicorn, uvloop, httptools, no access log), the load another.
Rounds are interleaved, so that a busy moment of the machine hits all alike; medians are printed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from console.embedded_redis import free_port, redis_server
from shared.database import make_engine
from shared.migrations import upgrade
from tests.benchmarks.rows import Row, middle, percentile
from tests.conftest import SIGNING_SECRET
from tests.postgres import postgres_cluster

CONNECTIONS = 32
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
COUNTS = {"bare": 6_000, "grouped": 4_000, "ungrouped": 1_000}  # one to three seconds a round


@dataclass(frozen=True, slots=True)
class Server:
    """One app, running."""

    app: str
    database: str
    port: int

    @property
    def name(self) -> str:
        return {
            "bare": "bare route: read the body, verify the signature",
            "grouped": f"receiver, group commit, {self.database}",
            "ungrouped": f"receiver, a commit for each, {self.database}",
        }[self.app]


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="fulfill-bench-") as folder, ExitStack() as stack:
        servers = list(_servers(stack, Path(folder)))
        for server in servers:
            _round(server, 0, count=500)  # warm-up
        rounds = [[_round(server, n + 1) for server in servers] for n in range(ROUNDS)]
    rows = [middle(seen) for seen in zip(*rounds, strict=True)]
    return [replace(row, ratio=row.rate / rows[0].rate) for row in rows]


def _servers(stack: ExitStack, folder: Path) -> Iterator[Server]:
    redis = stack.enter_context(redis_server(folder / "redis"))
    cluster = stack.enter_context(postgres_cluster(durable=True))
    databases = {
        "SQLite FULL": f"sqlite:///{folder}/bench.db",
        "PostgreSQL": cluster.create("bench"),
    }
    for url in databases.values():
        engine = make_engine(url)
        upgrade(engine)
        engine.dispose()
    yield stack.enter_context(_serving("bare", "SQLite FULL", databases["SQLite FULL"], redis))
    for name, url in databases.items():
        for app in ("grouped", "ungrouped"):
            yield stack.enter_context(_serving(app, name, url, redis))


@contextmanager
def _serving(app: str, database: str, url: str, redis: str) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", f"tests.benchmarks.receiver_apps:{app}"]
    options = ["--port", str(port), "--no-access-log", "--loop", "uvloop", "--http", "httptools"]
    environment = {
        **os.environ,
        "STRIPE_WEBHOOK_SECRET": SIGNING_SECRET,
        "DATABASE_URL": url,
        "REDIS_URL": redis,
    }
    with subprocess.Popen(
        command + options,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_until_it_listens(process, port)
            yield Server(app, database, port)
        finally:
            process.terminate()


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(500):
        if process.poll() is not None:
            raise RuntimeError("the server ended before it listened")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
        except urllib.error.HTTPError as answer:  # 404: it listens
            answer.close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the server did not listen in time")


def _round(server: Server, number: int, *, count: int | None = None) -> Row:
    count = count or COUNTS[server.app]
    prefix = f"{server.app}{number}x"
    arguments = [str(server.port), str(CONNECTIONS), str(count), prefix]
    command = [sys.executable, "-m", "tests.benchmarks.receiver_load", *arguments]
    seen = json.loads(
        subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=60).stdout
    )
    return Row(
        name=server.name,
        unit="requests/s",
        rate=count / seen["seconds"],
        p50_ms=percentile(seen["took"], 0.5) * 1000,
        p99_ms=percentile(seen["took"], 0.99) * 1000,
    )
