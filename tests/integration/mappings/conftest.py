"""What the tests of mappings start with: a shop, a LicenseKit to ask, and the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from typer.testing import CliRunner, Result

from console.mapping_commands import app
from tests.integration.mappings.licensekit_shelf import Shelf, serve_shelf
from tests.integration.mappings.shop import Shop

Mappings = Callable[..., Result]


@pytest.fixture
def shop(engine: Engine) -> Shop:
    """An empty shop on each kind of database."""
    return Shop(engine)


@pytest.fixture
def one_shop(sqlite_url: str, engines: Callable[..., Engine]) -> Shop:
    """An empty shop where the kind of database makes no difference."""
    return Shop(engines(sqlite_url))


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """A LicenseKit with prod_lk and its perpetual policy pol_1."""
    with serve_shelf() as running:
        yield running


@pytest.fixture
def mappings(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], sqlite_url: str, tmp_path: Path
) -> Mappings:
    """Runs `fulfill mappings …` on `one_shop`'s database, in its directory.

    Named variables change the environment: `mappings("list", STRIPE_SECRET_KEY=None)`.
    """
    monkeypatch.chdir(tmp_path)
    # the discard port: nothing answers there, unless a test brings a LicenseKit or a Stripe
    nobody = dict.fromkeys(("LICENSEKIT_BASE_URL", "STRIPE_API_BASE"), "http://127.0.0.1:9")
    for name, value in {**environment, **nobody, "DATABASE_URL": sqlite_url}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str, **variables: str | None) -> Result:
        return CliRunner().invoke(app, list(words), env=variables)

    return run
