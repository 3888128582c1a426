"""A house in which nothing is missing: what `fulfill check` should find nothing wrong with."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
from rq import SimpleWorker
from sqlalchemy.engine import Engine

from console import doctor
from console.doctor.visit import Visit, pay_visit
from shared.accounts import ServedAccount
from shared.clock import Clock, SystemClock
from shared.database import make_engine, transaction
from shared.events.routing import ROUTES
from shared.queue import Waker, connect, open_queue
from shared.settings import Settings, read_settings
from tests.conftest import ENVIRONMENT
from tests.integration.console.shop import Shop, open_shop
from tests.worlds.clock import FixedClock
from worker.scheduler import Scheduler
from worker.sweep.marks import Mark, write_mark

PUBLIC = "https://licenses.example.com"
RESTRICTED = "rk_test_shop_0123456789abcdef"
ALL_PERMISSIONS = (
    "rak_checkout_session_write",
    "rak_customer_write",
    "rak_subscription_write",
    "rak_invoice_write",
    "rak_payment_intent_write",
    "rak_charge_read",
    "rak_dispute_read",
    "rak_plan_read",
    "rak_product_read",
    "rak_entitlement_read",
    "rak_billing_clock_read",
    "rak_event_read",
    "rak_webhook_read",
)
Take = Callable[[Visit], Iterable[doctor.Finding]]


def register_endpoint(url: str, address: str = PUBLIC, **form: object) -> str:
    """As a person does in Stripe's Dashboard; gives its id."""
    wanted = {"url": f"{address}/stripe/webhook", "enabled_events[]": sorted(ROUTES), **form}
    answer = httpx.post(
        f"{url}/v1/webhook_endpoints",
        data=wanted,
        headers={"Authorization": "Bearer sk_test_simulator"},
        trust_env=False,
    )
    return str(answer.raise_for_status().json()["id"])


@contextmanager
def worker_running(redis_url: str) -> Iterator[SimpleWorker]:
    """A worker that is registered in Redis, as one that waits for a wake-up."""
    with closing(connect(redis_url)) as connection:
        worker = SimpleWorker([open_queue(connection)], connection=connection)
        worker.register_birth()
        yield worker
        worker.register_death()


def scheduler_ran(engine: Engine, clock: Clock | None = None) -> None:
    """It took the slots of this moment."""
    Scheduler(engine, Waker(""), clock or SystemClock(), name="test").tick()


def swept(engine: Engine, moment: datetime, account: str = "") -> None:
    """Stripe's events are in the inbox up to this moment."""
    with transaction(engine) as tx:
        write_mark(tx, ServedAccount(account, False), Mark(moment, moment), now=moment)


@dataclass(slots=True)
class House:
    """A shop with all that belongs to it, and the doctor who looks at it."""

    shop: Shop
    environment: dict[str, str]  # a command's
    clock: FixedClock = field(default_factory=lambda: FixedClock(datetime.now(UTC)))

    @property
    def engine(self) -> Engine:
        return self.shop.engine

    @property
    def stripe_url(self) -> str:
        return self.shop.environment["STRIPE_API_BASE"]

    @property
    def licensekit_url(self) -> str:
        return f"http://127.0.0.1:{self.shop.environment['PORT']}"

    @contextmanager
    def visit(self, **changes: str | None) -> Iterator[Visit]:
        merged = {**ENVIRONMENT, **self.environment, **changes}
        known = {name: text for name, text in merged.items() if text is not None}
        house = doctor.House(read_settings(known), self.engine, known, self.clock)
        with pay_visit(house) as visit:
            yield visit

    def look(self, take: Take, **changes: str | None) -> list[doctor.Finding]:
        with self.visit(**changes) as visit:
            return list(take(visit))

    def one(self, take: Take, **changes: str | None) -> tuple[str, str]:
        """The status of a look's only finding, and all that it tells."""
        (finding,) = self.look(take, **changes)
        return finding.status, f"{finding.told} {finding.todo}".strip()


@contextmanager
def open_house(database_url: str, redis_url: str) -> Iterator[House]:
    """Nothing is missing in it."""
    engine = make_engine(database_url)

    def make_settings(**changes: str) -> Settings:
        return read_settings({**ENVIRONMENT, **changes})

    with open_shop(make_settings, database_url, engine) as shop, worker_running(redis_url):
        shop.stripe.add_key(RESTRICTED, ALL_PERMISSIONS)
        shop.map_price()
        register_endpoint(shop.environment["STRIPE_API_BASE"])
        scheduler_ran(engine)
        swept(engine, datetime.now(UTC))
        environment = {
            **shop.environment,
            "DATABASE_URL": database_url,
            "STRIPE_SECRET_KEY": RESTRICTED,
            "STRIPE_PUBLIC_BASE_URL": PUBLIC,
            "REDIS_URL": redis_url,
        }
        yield House(shop, environment)
    engine.dispose()


def open_sqlite_house(
    template: Path, folder: Path, redis_url: str
) -> AbstractContextManager[House]:
    """For all tests of a module: each leaves it as it was."""
    path = folder / "fulfill.db"
    shutil.copyfile(template, path)
    return open_house(f"sqlite:///{path}", redis_url)
