"""What tests of the worker's rooms ask for: services that say what they are told, and a Stripe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.secrets import Secret
from simulator.server import serve
from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.worlds.scripted import Script, serve_script
from tests.worlds.world import World, open_world
from worker.gateways.licensekit import LicenseKitGateway
from worker.gateways.stripe import StripeGateway

STRIPE_KEY = "sk_test_simulator"


@pytest.fixture(scope="package")
def served_script() -> Iterator[Script]:
    with serve_script() as running:
        yield running


@pytest.fixture
def script(served_script: Script) -> Script:
    """A service that answers as told; nobody has asked it anything yet."""
    served_script.answers, served_script.asked = [], []
    return served_script


@pytest.fixture
def licensekit(script: Script) -> Iterator[LicenseKitGateway]:
    """Our gateway to a LicenseKit that says what it is told."""
    gateway = LicenseKitGateway(script.url, Secret("lk_very_secret"))
    yield gateway
    gateway.close()


@pytest.fixture
def told_stripe(script: Script) -> Iterator[StripeGateway]:
    """Our gateway to a Stripe that says what it is told."""
    gateway = StripeGateway(Secret("sk_test_very_secret"), script.url)
    yield gateway
    gateway.close()


@dataclass(frozen=True, slots=True)
class LiveStripe:
    """A whole Stripe of its own, and our gateway to it."""

    stripe: Stripe
    url: str
    gateway: StripeGateway

    @property
    def shop(self) -> Shop:
        return self.stripe.shop


@pytest.fixture
def live() -> Iterator[LiveStripe]:
    """An empty shop in test mode."""
    stripe = Stripe(seed=1)
    with serve(stripe) as url:
        gateway = StripeGateway(Secret(STRIPE_KEY), url)
        yield LiveStripe(stripe, url, gateway)
        gateway.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A Stripe, a LicenseKit and a database with nothing in them."""
    with open_world(tmp_path) as running:
        yield running


@pytest.fixture
def both_worlds(tmp_path: Path, database_url: str) -> Iterator[World]:
    """The same on each kind of database."""
    with open_world(tmp_path, database_url) as running:
        yield running
