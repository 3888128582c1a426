"""The whole thing as it runs for real: receiver, Redis, worker programs, Stripe and LicenseKit.

Deliveries go over HTTP with signatures; wake-ups go through a real Redis to workers of their own
processes. Tests look at the state of the world only.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import event
from typer.testing import CliRunner, Result

from console.embedded_redis import free_port, redis_server
from shared.clock import SystemClock
from shared.database import make_engine, reading
from shared.migrations import upgrade
from shared.queue import Waker
from shared.settings import read_settings
from shared.tables import sales
from simulator.server import serve
from simulator.stripe import Stripe
from tests.conftest import FERNET_KEY, SIGNING_SECRET
from tests.worlds.licensekit import TOKEN, serve_licensekit
from tests.worlds.nursery import Worker, start_worker
from tests.worlds.web import serve_app
from tests.worlds.world import STRIPE_KEY, World, hurry, make_deps
from webhooks.app import make_app
from worker.scheduler import sweep

PATIENCE_SECONDS = 60  # for what takes a second on a machine that has nothing else to do
LOOK_AGAIN_SECONDS = 0.02
ROOT = Path(__file__).resolve().parents[2]


def wait_until(true: Callable[[], bool], what: str) -> None:
    """Look again and again; fails with `what` when it does not come true."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    pause = threading.Event()
    while not true():
        assert time.monotonic() < give_up_at, f"waited in vain until {what}"
        pause.wait(LOOK_AGAIN_SECONDS)


@dataclass(slots=True)
class Town:
    """A world with its doors open."""

    world: World
    environment: dict[str, str]
    redis_port: int
    folder: Path
    workers: list[Worker] = field(default_factory=list)
    redis: ExitStack = field(default_factory=ExitStack)
    door: ExitStack = field(default_factory=ExitStack)

    @property
    def stripe(self) -> Stripe:
        return self.world.stripe

    def open_door(self, **settings: str) -> None:
        """Start the receiver, or start it again with other settings; Stripe knows its address."""
        self.door.close()
        self.environment |= settings
        app = make_app(read_settings(self.environment, role="receiver"))
        url = self.door.enter_context(serve_app(app, lifespan=True))
        self.stripe.forget_endpoints()
        self.stripe.deliver_to(f"{url}/stripe/webhook", SIGNING_SECRET)

    def fulfill(self, *words: str) -> Result:
        """`fulfill …`, as a person types it on this machine."""
        from console.cli import app  # noqa: PLC0415 - only stories with commands pay for the import

        return CliRunner().invoke(app, list(words), env=self.environment)

    def start_redis(self) -> None:
        """Real, and empty; on the same port each time."""
        self.redis.enter_context(redis_server(self.folder / "redis", port=self.redis_port))

    def stop_redis(self) -> None:
        self.redis.close()

    def start_worker(self) -> Worker:
        log = self.folder / f"worker-{len(self.workers)}.log"
        self.workers.append(start_worker(self.environment, log))
        return self.workers[-1]

    def stop_workers(self) -> None:
        """The story is over and its database thrown away: nothing has to be finished first."""
        for worker in self.workers:
            worker.bury()
        self.workers.clear()

    def sweep(self) -> None:
        """What the scheduler does every ten seconds."""
        waker = Waker(self.environment["REDIS_URL"])
        sweep(self.world.engine, waker, now=datetime.now(UTC))
        waker.close()

    def settle(self) -> None:
        """Wait until Stripe has delivered all, echoes too, and no sale is due or in work."""
        wait_until(self.at_rest, "every sale is at rest; " + self.logs())

    def settle_after_failures(self) -> None:
        """The same, while what was put off for seconds comes due at once, and is swept up."""

        def at_rest() -> bool:
            self.world.come_due()
            self.sweep()
            return self.at_rest()

        wait_until(at_rest, "every sale is at rest; " + self.logs())

    def at_rest(self) -> bool:
        return self._quiet() and self.stripe.idle and self._quiet()

    def _quiet(self) -> bool:
        with reading(self.world.engine) as tx:
            rows = tx.execute(sales.select()).all()
        return all(
            row.lease_token is None and row.wanted_generation == row.seen_generation for row in rows
        )

    def logs(self) -> str:
        return f"the workers' logs are in {self.folder}"


def _environment(
    folder: Path, stripe_url: str, licensekit_url: str, redis_port: int
) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", ""),
        "STRIPE_WEBHOOK_SECRET": SIGNING_SECRET,
        "STRIPE_SECRET_KEY": STRIPE_KEY,
        "STRIPE_API_BASE": stripe_url,
        "LICENSEKIT_BASE_URL": licensekit_url,
        "LICENSEKIT_API_TOKEN": TOKEN,
        "FULFILL_ADMIN_TOKEN": "admin_test",
        "FULFILL_ENCRYPTION_KEYS": FERNET_KEY,
        "FULFILL_WORKER_THREADS": "4",
        "DATABASE_URL": f"sqlite:///{folder / 'fulfill.db'}",
        "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
    }


@contextmanager
def open_town(
    folder: Path, *, test_clock: bool = False, now: datetime | None = None
) -> Iterator[Town]:
    """All doors open, Redis running, no worker yet; everything is stopped at the end.

    With `test_clock` the sales live on one of Stripe's, so the worker takes its time for now.
    """
    url = f"sqlite:///{folder / 'fulfill.db'}"
    engine = make_engine(url)
    event.listen(engine, "connect", hurry)
    upgrade(engine)
    stripe = Stripe(test_clock=test_clock, now=now)
    port = free_port()
    with ExitStack() as stack:
        stripe_url = stack.enter_context(serve(stripe))
        books = stack.enter_context(serve_licensekit(folder))
        environment = _environment(folder, stripe_url, books.url, port)
        deps = make_deps(engine, stripe_url, books.url, SystemClock())
        stack.callback(deps.close)
        world = World(stripe, books, engine, deps, stripe_url)
        town = Town(world, environment, port, folder)
        stack.callback(town.stop_redis)
        stack.callback(town.door.close)
        stack.callback(town.stop_workers)
        town.start_redis()
        town.open_door()
        yield town
    engine.dispose()
