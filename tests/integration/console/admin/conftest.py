"""The admin routes on a database, and once for all tests of a module, on a world with sales."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy.engine import Engine

from console.admin.desk import Desk
from console.tokens import Scope, TokenWish, create_token
from shared.database import make_engine, transaction
from shared.settings import Settings, read_settings
from tests.integration.console.journal import NOON
from tests.worlds.clock import FixedClock
from tests.worlds.office import Office, open_office, serve_desk
from tests.worlds.world import MONTH, open_world


@dataclass(frozen=True, slots=True)
class Door:
    """The routes on one database, and their clock."""

    desk: Desk
    client: httpx.Client
    clock: FixedClock
    woken: list[str]

    @property
    def engine(self) -> Engine:
        return self.desk.engine

    def token(self, name: str, *scopes: Scope, lives: timedelta | None = None) -> dict[str, str]:
        """The header of a new token."""
        now = self.clock.now()
        wish = TokenWish(name, scopes, None if lives is None else now + lives)
        with transaction(self.engine) as tx:
            made = create_token(tx, wish, by="ann", now=now)
        return {"Authorization": f"Bearer {made.reveal()}"}


@contextmanager
def open_door(settings: Settings, engine: Engine) -> Iterator[Door]:
    """Neither Stripe nor LicenseKit can be reached from here."""
    clock, woken = FixedClock(NOON), list[str]()
    desk = Desk(settings, engine, lambda: woken.append("woken"), clock=clock)
    with serve_desk(desk) as client:
        yield Door(desk, client, clock, woken)


@pytest.fixture
def door(settings: Settings, engine: Engine) -> Iterator[Door]:
    """On each kind of database."""
    with open_door(settings, engine) as door:
        yield door


@pytest.fixture(scope="module")
def one_door(sqlite_template: Path) -> Iterator[Door]:
    """Once, for rules that the database has no say in; its tests write nothing."""
    engine = make_engine(f"sqlite:///{sqlite_template}")
    with open_door(read_settings({"FULFILL_ADMIN_TOKEN": "admin_test"}), engine) as door:
        yield door
    engine.dispose()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A one-time sale, a subscription, and one that waits for its mapping."""
    with open_world(tmp_path_factory.mktemp("office")) as world:
        once, _ = world.price()
        monthly, _ = world.price("subscription", recurring=MONTH)
        world.stripe.shop.buy(once)
        world.stripe.shop.subscribe(monthly)
        world.stripe.shop.buy(world.stripe.shop.price("Unmapped", 100))
        world.hear_all()
        with open_office(world) as office:
            yield office
