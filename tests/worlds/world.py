"""A whole small world: Stripe, LicenseKit and our database, with passes run in this process.

Events are told straight to the inbox; doors, Redis and worker programs are in `town`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

from mappings.store import set_mapping
from mappings.terms import Terms
from mappings.values import MappingDraft
from shared.clock import Clock
from shared.database import make_engine, reading, transaction
from shared.events.parsing import Served, read_delivery
from shared.inbox import raise_hint, record
from shared.keys import SaleKey
from shared.migrations import upgrade
from shared.settings import read_settings
from shared.tables import escrow, passes, problems, sales, steps
from simulator.server import serve
from simulator.stripe import Stripe
from tests.conftest import FERNET_KEY
from tests.worlds.clock import FixedClock
from tests.worlds.licensekit import TOKEN, LicenseKitBooks, Policy, serve_licensekit
from worker import jobs
from worker.closing import ClosedPass
from worker.deps import Deps
from worker.lease import claim_due
from worker.reconcile import reconcile

STRIPE_KEY = "sk_test_simulator"
LIVE_KEY = "sk_live_simulator"
SERVED = Served(livemode=False, accounts=frozenset({"acct_1"}))
MONTH = {"interval": "month"}
AT_ONCE = 500  # deliveries a transaction, as the receiver's
MOST_PASSES = 50  # a world that does not come to rest is a bug
Event = dict[str, Any]


@dataclass(slots=True)
class World:
    """Everything real but the wall clock of the worker."""

    stripe: Stripe
    books: LicenseKitBooks
    engine: Engine
    deps: Deps
    stripe_url: str
    clock: FixedClock = field(default_factory=FixedClock)

    def map(
        self,
        price: str,
        policy: Policy,
        account: str = "",
        *,
        livemode: bool = False,
        **terms: Any,
    ) -> None:
        """From now on this price sells licenses under the policy."""
        on = Terms(**terms)
        draft = MappingDraft(account, livemode, price, None, policy.product_id, policy.id, on)
        with transaction(self.engine) as tx:
            set_mapping(tx, draft, now=self.clock.now(), by="test")

    def price(self, license_type: str = "perpetual", **details: Any) -> tuple[str, Policy]:
        """A mapped price of a new LicenseKit product."""
        policy = self.books.policy(license_type)
        price = self.stripe.shop.price("Editor", 4900, **details)
        self.map(price, policy)
        return price, policy

    def events(self, *ids: str | None, since: int = 0) -> list[Event]:
        """Stripe's events about any of these objects, oldest first, from the one numbered so."""
        wanted = [json.dumps(name) for name in ids if name]
        return [
            one
            for one in islice(self.stripe.shop.books.all("event"), since, None)
            if any(name in json.dumps(one["data"]["object"]) for name in wanted)
        ]

    def event_count(self) -> int:
        return sum(1 for _ in self.stripe.shop.books.all("event"))

    def tell(self, events: Sequence[Event]) -> None:
        """Write these deliveries into the inbox, as the receiver does."""
        now = self.clock.now()
        with reading(self.engine) as tx:
            served = SERVED.as_of_now(tx)
        deliveries = [
            read_delivery(json.dumps(one).encode(), secret=0, served=served, now=now)
            for one in events
        ]
        for start in range(0, len(deliveries), AT_ONCE):
            record(self.engine, deliveries[start : start + AT_ONCE], now)

    def run(self, deps: Deps | None = None, *, most: int = MOST_PASSES) -> list[ClosedPass]:
        """Passes until nothing is due, at the most so many."""
        closed: list[ClosedPass] = []
        while leases := claim_due(self.engine, worker="test", limit=1, now=self.clock.now()):
            closed.append(reconcile(leases[0], deps or self.deps))
            assert len(closed) < most, "this world does not come to rest"
        return closed

    def hear_all(self) -> list[ClosedPass]:
        """Tell everything that happened in Stripe so far, and bring it to rest."""
        self.tell(self.stripe.shop.events())
        return self.run()

    def keys(self) -> list[SaleKey]:
        """Every sale that we know of."""
        return [
            SaleKey(row.account, row.livemode, row.kind, row.object_id) for row in self.rows(sales)
        ]

    def raise_all(self, *ids: str | None) -> None:
        """Look once more at these sales, or at every one, without any event."""
        keys = [key for key in self.keys() if not ids or key.id in ids]
        with transaction(self.engine) as tx:
            for key in keys:
                raise_hint(tx, key, now=self.clock.now())

    def forget_leases(self) -> None:
        """As if the time of every lease had run out."""
        with transaction(self.engine) as tx:
            tx.execute(sales.update().values(lease_until=datetime(2026, 1, 1, tzinfo=UTC)))

    def come_due(self) -> None:
        """As if the time had passed that failed sales are put off for."""
        with transaction(self.engine) as tx:
            tx.execute(sales.update().values(due_at=datetime(2026, 1, 1, tzinfo=UTC)))

    def rows(self, table: sa.Table) -> list[Any]:
        with reading(self.engine) as tx:
            return list(tx.execute(sa.select(table).order_by(*table.primary_key.columns)))

    def key_of(self, license_id: str) -> str:
        """The license key in escrow, opened."""
        with reading(self.engine) as tx:
            query = sa.select(escrow.c.sealed_key).where(escrow.c.licensekit_id == license_id)
            return self.deps.vault.open(tx.execute(query).scalar_one()).reveal()

    def problems(self) -> list[tuple[str, str]]:
        return [(row.cause, row.subject) for row in self.rows(problems)]

    def passes(self) -> list[str]:
        return [row.status for row in self.rows(passes)]

    def steps(self) -> list[tuple[str, str]]:
        return [(row.step, row.status) for row in self.rows(steps)]

    def due(self) -> list[str]:
        return [
            row.object_id for row in self.rows(sales) if row.wanted_generation > row.seen_generation
        ]

    def metadata(self, object_id: str | None) -> dict[str, str]:
        assert object_id is not None
        return dict(self.stripe.shop.read(object_id)["metadata"])


def make_deps(engine: Engine, stripe_url: str, licensekit_url: str, clock: Clock) -> Deps:
    """As a worker makes them of its settings, with the clock of this world."""
    settings = read_settings(
        {
            "STRIPE_SECRET_KEY": STRIPE_KEY,
            "STRIPE_API_BASE": stripe_url,
            "STRIPE_APP_CLIENT_SECRET": LIVE_KEY,
            "LICENSEKIT_BASE_URL": licensekit_url,
            "LICENSEKIT_API_TOKEN": TOKEN,
            "FULFILL_ENCRYPTION_KEYS": FERNET_KEY,
        }
    )
    return replace(jobs.make_deps(settings, engine, clock=clock), worker="test")


def hurry(connection: Any, _record: object) -> None:
    """These tests kill passes, not machines: nothing has to survive a power cut."""
    connection.execute("PRAGMA synchronous=OFF")


@contextmanager
def open_world(
    folder: Path, database_url: str = "", *, test_clock: bool = False
) -> Iterator[World]:
    """All servers run inside and are stopped at the end. Our database is SQLite unless named."""
    engine = make_engine(database_url or f"sqlite:///{folder / 'fulfill.db'}")
    if not database_url:
        event.listen(engine, "connect", hurry)
    upgrade(engine)
    clock = FixedClock()
    stripe = Stripe(test_clock=test_clock)
    with serve(stripe) as stripe_url, serve_licensekit(folder) as books:
        deps = make_deps(engine, stripe_url, books.url, clock)
        yield World(stripe, books, engine, deps, stripe_url, clock)
        deps.close()
    engine.dispose()
