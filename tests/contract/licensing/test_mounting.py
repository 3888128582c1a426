"""The API inside another app: its routes, no more, and readiness as a plain answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from licensekit import ManagementClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from licensing.app import api_routes, close
from licensing.config import LicensingConfig, Secret, utc_now
from licensing.database import upgrade
from licensing.health import readiness
from tests.contract.licensing.conftest import ADMIN_TOKEN, SECONDS, make_config
from tests.contract.licensing.serving import serving

OTHER_KEY = "b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVyISE="


@pytest.fixture
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LicensingConfig]:
    """A database of its own on SQLite, not migrated yet."""
    folder = tmp_path_factory.mktemp("mounted")
    config = make_config(f"sqlite:///{folder}/new/licensing.db", utc_now)
    yield config
    close(config)


@pytest.fixture
def host(config: LicensingConfig) -> Iterator[str]:
    """Another app that mounts the API beside routes of its own."""
    upgrade(config.database_url)

    async def ours(_: Request) -> PlainTextResponse:
        return PlainTextResponse("ours")

    routes = [Route("/readyz", ours), *api_routes(config), Route("/{rest:path}", ours)]
    with serving(Starlette(routes=routes)) as base_url:
        yield base_url


def test_a_mounted_api_serves_the_sdk(host: str) -> None:
    """Management operations work as they do alone."""
    with closing(ManagementClient(base_url=host, token=ADMIN_TOKEN, timeout=SECONDS)) as client:
        created = client.create_product(body={"name": "Editor", "code": "editor"})["data"]
        assert client.list_products()["data"] == [created]


def test_a_mounted_api_leaves_the_rest_to_its_host(host: str) -> None:
    """/readyz, /metrics and unknown paths are the host's; below /api/v1 they are the API's."""
    for path in ("/readyz", "/metrics", "/nowhere"):
        assert httpx.get(host + path).text == "ours"
    assert httpx.get(f"{host}/health").json()["data"] == {"status": "ok"}
    assert httpx.get(f"{host}/api/v1/nowhere").json()["error"]["code"] == "NOT_FOUND"


def test_readiness_tells_what_is_missing(config: LicensingConfig) -> None:
    """Without tables the command is named; with them there is nothing to say."""
    before = readiness(config)
    upgrade(config.database_url)

    assert before == "the embedded LicenseKit tables are missing or old: fulfill db upgrade"
    assert readiness(config) is None


def test_readiness_notices_a_lost_encryption_key(config: LicensingConfig) -> None:
    """Without the key that sealed the signing key nothing could be signed."""
    upgrade(config.database_url)
    assert readiness(config) is None

    lost = LicensingConfig(config.database_url, Secret(ADMIN_TOKEN), (Secret(OTHER_KEY),))
    rotated = LicensingConfig(
        config.database_url, Secret(ADMIN_TOKEN), (Secret(OTHER_KEY), *config.encryption_keys)
    )

    assert "put that key back" in str(readiness(lost))
    assert readiness(rotated) is None


def test_a_database_that_is_away_is_told_and_not_thrown() -> None:
    """The reason holds no password."""
    url = "postgresql+psycopg://user:hidden@127.0.0.1:1/none"
    config = make_config(url, utc_now)
    try:
        assert readiness(config) == "the database of the embedded LicenseKit API can't be reached"
        for route in api_routes(config):
            assert "hidden" not in repr(route)
    finally:
        close(config)
