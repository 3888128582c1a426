"""What every test may ask for: both databases, Redis, settings, the handbook."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import redis
import structlog
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy.engine import Engine

from console.embedded_redis import redis_server
from shared.database import make_engine
from shared.migrations import upgrade
from shared.settings import Settings, read_settings
from tests.postgres import Cluster, postgres_cluster

# No example is judged by its speed: the machine may be busy with other tests, and in a fresh clone
# the first text builds its table of characters. Half of hypothesis' own number of examples, for
# each run draws others; `make soak` looks longer.
hypothesis_settings.register_profile(
    "patient", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("patient")

HANDBOOK = Path(__file__).resolve().parents[2] / "shared"
SIGNING_SECRET = "whsec_test_first"
OLDER_SECRET = "whsec_test_second"
FERNET_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
ENVIRONMENT = {
    "STRIPE_WEBHOOK_SECRET": f"{SIGNING_SECRET},{OLDER_SECRET}",
    "STRIPE_SECRET_KEY": "sk_test_123",
    "LICENSEKIT_API_TOKEN": "lk_test_admin",
    "FULFILL_ADMIN_TOKEN": "admin_test",
    "FULFILL_ENCRYPTION_KEYS": FERNET_KEY,
}


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A program that a test runs in here sets up the log; the next test must not write into it."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def handbook() -> Path:
    """The team's folder beside the repository; tests that need it are skipped without it."""
    if not HANDBOOK.is_dir():
        pytest.skip(f"the handbook is not at {HANDBOOK}")
    return HANDBOOK


@pytest.fixture(scope="session")
def redis_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One real Redis for all tests of this test process."""
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def redis_url(redis_session: str) -> str:
    """A real Redis with nothing in it."""
    with redis.Redis.from_url(redis_session) as client:
        client.flushall()
    return redis_session


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One real PostgreSQL for all tests of this test process."""
    with postgres_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: faster than to migrate once a test."""
    path = tmp_path_factory.mktemp("template") / "fulfill.db"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_template(cluster: Cluster) -> str:
    """The name of a migrated PostgreSQL database to copy."""
    engine = make_engine(cluster.create("template_migrated"))
    upgrade(engine)
    engine.dispose()
    return "template_migrated"


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated, empty SQLite database."""
    path = tmp_path / "fulfill.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(cluster: Cluster, postgres_template: str) -> Iterator[str]:
    """A migrated, empty PostgreSQL database."""
    with cluster.database(template=postgres_template) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database: the test runs once on each kind."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
def engines() -> Iterator[Callable[..., Engine]]:
    """Opens engines, as `make_engine` does, and closes them after the test."""
    with ExitStack() as stack:

        def open_engine(url: str, **options: Any) -> Engine:
            engine = make_engine(url, **options)
            stack.callback(engine.dispose)
            return engine

        yield open_engine


@pytest.fixture
def engine(database_url: str, engines: Callable[..., Engine]) -> Engine:
    """An engine on a migrated, empty database of each kind."""
    return engines(database_url)


@pytest.fixture
def environment() -> dict[str, str]:
    """The smallest environment in which every program starts; a test may change its copy."""
    return dict(ENVIRONMENT)


@pytest.fixture
def make_settings(environment: dict[str, str]) -> Callable[..., Settings]:
    """Builds settings: `make_settings(DATABASE_URL=…)`; None takes a variable away."""

    def build(**changes: str | None) -> Settings:
        merged = {**environment, **changes}
        return read_settings({name: text for name, text in merged.items() if text is not None})

    return build


@pytest.fixture
def settings(make_settings: Callable[..., Settings], database_url: str) -> Settings:
    """Settings on a migrated, empty database of each kind, without Redis."""
    return make_settings(DATABASE_URL=database_url)
