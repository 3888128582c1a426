"""A shared world: our own subscription at rest, a guest's app, and a dashboard to ask from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from console.app.own import OwnAccount
from console.app.views import Desk, view_routes
from simulator.orders import Purchase
from tests.integration.app.conftest import settings_of
from tests.integration.app.views.signing import Dashboard
from tests.worlds.installing import install
from tests.worlds.web import serve_app
from tests.worlds.world import MONTH, World, open_world
from worker.deps import Deps
from worker.gateways.patience import HURRIED
from worker.jobs import make_deps


@contextmanager
def desk_of(world: World, own: str = "", **settings: str) -> Iterator[Dashboard]:
    """The four routes with these settings. `own` is our account's id, if Stripe told it before."""
    chosen = settings_of(world, **settings)

    def make() -> Deps:
        return make_deps(chosen, world.engine, patience=HURRIED, clock=world.clock)

    known = OwnAccount(make, own)
    desk = Desk(chosen, world.engine, make, world.clock, known)
    with (
        serve_app(Starlette(routes=view_routes(desk))) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=30) as client,
    ):
        yield Dashboard(client, world.clock.now().timestamp())
    desk.pool.shutdown()


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Shared: these tests only read, each of the sales it made itself."""
    folder: Path = tmp_path_factory.mktemp("views")
    with open_world(folder) as running:
        install(running)
        yield running


@pytest.fixture(scope="package")
def own(world: World) -> str:
    return world.stripe.account


@pytest.fixture(scope="package")
def dashboard(world: World) -> Iterator[Dashboard]:
    with desk_of(world) as running:
        yield running


@pytest.fixture(scope="package")
def sale(world: World) -> Purchase:
    """Our own subscription, at rest, with a device and a feature on its license, paid by a card."""
    price, policy = world.price("subscription", recurring=MONTH)
    bought = world.stripe.shop.subscribe(price, email="ada@example.com")
    world.stripe.shop.card(str(bought.subscription), "mastercard", "4444")
    world.hear_all()
    (license_,) = world.books.licenses(policy.product_id)
    world.books.give(license_["id"], world.books.feature(policy.product_id, "exports"))
    assert world.books.accepts(world.key_of(license_["id"]))
    return bought
