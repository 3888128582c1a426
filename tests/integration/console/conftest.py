"""What the tests of the doors for people start with: a shop's journal and a command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from typer.testing import CliRunner, Result

from console.embedded_redis import free_port
from tests.integration.console.healthy import House, open_sqlite_house
from tests.integration.console.journal import Journal

Fulfill = Callable[..., Result]


@pytest.fixture
def journal(engine: Engine) -> Journal:
    """An empty journal on each kind of database."""
    return Journal(engine)


@pytest.fixture(scope="module")
def house(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, redis_session: str
) -> Iterator[House]:
    """One in which nothing is missing, for all tests of a module: each leaves it as it was."""
    with open_sqlite_house(sqlite_template, tmp_path_factory.mktemp("house"), redis_session) as it:
        yield it


@pytest.fixture
def fulfill(
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    database_url: str,
    tmp_path: Path,
) -> Iterator[Fulfill]:
    """Runs `fulfill …` against the test's database, in an empty directory."""
    from console.cli import app  # noqa: PLC0415 - only tests of commands pay for the import

    monkeypatch.chdir(tmp_path)
    for name, value in {**environment, "DATABASE_URL": database_url}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str, **variables: str | None) -> Result:
        return CliRunner().invoke(app, list(words), env=variables)

    return run


@pytest.fixture
def real_use(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """A `.env` as init leaves it with Stripe's secrets filled in, and nothing else set."""
    port = str(free_port())
    lines = {**environment, "PORT": port, "FULFILL_WORKER_THREADS": "1"}
    (tmp_path / ".env").write_text("\n".join(f"{name}={text}" for name, text in lines.items()))
    return {name: text for name, text in os.environ.items() if name in ("PATH", "HOME", "LANG")}
