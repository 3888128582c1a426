"""The embedded API over real HTTP on both databases, and the real SDK's clients for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from licensekit import ManagementClient, RuntimeClient, SystemClient

from licensing.app import create_app
from licensing.config import LicensingConfig, Secret
from licensing.database import upgrade
from tests.contract.licensing.serving import serving
from tests.postgres import Cluster

ADMIN_TOKEN = "lk_contract_admin"
FERNET_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
SECONDS = 10.0  # the SDK waits for ever unless told otherwise


@dataclass(slots=True)
class Clock:
    """A clock that a test moves."""

    now: datetime = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **length: float) -> None:
        self.now += timedelta(**length)


@dataclass(frozen=True, slots=True)
class Api:
    """A running API and ways to talk to it."""

    base_url: str
    config: LicensingConfig
    clock: Clock = field(default_factory=Clock)

    # `closing`: the clients' own `with` loses their type.
    def management(self, token: str = ADMIN_TOKEN) -> closing[ManagementClient]:
        return closing(ManagementClient(base_url=self.base_url, token=token, timeout=SECONDS))

    def runtime(self, license_key: str) -> closing[RuntimeClient]:
        url = self.base_url
        return closing(RuntimeClient(base_url=url, license_key=license_key, timeout=SECONDS))

    def system(self) -> closing[SystemClient]:
        return closing(SystemClient(base_url=self.base_url, timeout=SECONDS))


def make_config(url: str, clock: Callable[[], datetime]) -> LicensingConfig:
    return LicensingConfig(url, Secret(ADMIN_TOKEN), (Secret(FERNET_KEY),), clock)


@contextmanager
def running(url: str) -> Iterator[Api]:
    upgrade(url)
    clock = Clock()
    config = make_config(url, clock)
    with serving(create_app(config)) as base_url:
        yield Api(base_url, config, clock)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def api_on(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """One API a module and database; tests use products of their own."""
    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("licensing")
        with running(f"sqlite:///{folder}/licensing.db") as api:
            yield api
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.database() as url, running(url) as api:
        yield api


@pytest.fixture
def api(api_on: Api) -> Api:
    """The API with its clock at the start."""
    api_on.clock.now = Clock().now
    return api_on


@pytest.fixture
def client(api: Api) -> Iterator[ManagementClient]:
    """The SDK's management client with the admin token."""
    with api.management() as management:
        yield management


@pytest.fixture
def shop(client: ManagementClient, request: pytest.FixtureRequest) -> Shop:
    """A product of the test's own, named after the test."""
    return Shop.open(client, request.node.name)


@dataclass(frozen=True, slots=True)
class Shop:
    """A product, and short ways to make what belongs to it. All answers are the SDK's `data`."""

    client: ManagementClient
    code: str
    product_id: str

    @classmethod
    def open(cls, client: ManagementClient, code: str) -> Shop:
        product = client.create_product(body={"name": "Editor", "code": code})
        return cls(client, code, product["data"]["id"])

    def policy(self, license_type: str = "subscription", code: str = "") -> str:
        body = {"name": "Pro", "code": code or license_type, "license_type": license_type}
        created = self.client.create_policy(path={"id": self.product_id}, body=body)
        return str(created["data"]["id"])

    def customer(self, code: str = "buyer") -> str:
        body = {"name": "Ada", "code": f"{self.code}-{code}", "email": "ada@example.com"}
        return str(self.client.create_customer(body=body)["data"]["id"])

    def subscription(self, external_id: str = "sub_1", **fields: Any) -> dict[str, Any]:
        body = {
            "external_system": "stripe",
            "external_id": external_id,
            "status": "active",
            "current_period_start": "2026-11-01T00:00:00Z",
            "current_period_end": "2026-12-01T00:00:00Z",
        }
        path = {"id": self.product_id}
        answer = self.client.create_subscription(path=path, body=body | fields)
        return dict(answer["data"])

    def order(self, external_id: str = "in_1", **fields: Any) -> dict[str, Any]:
        body = {"external_system": "stripe", "external_id": external_id, "status": "paid"}
        path = {"id": self.product_id}
        return dict(self.client.create_order(path=path, body=body | fields)["data"])

    def license(self, policy_id: str, **fields: Any) -> dict[str, Any]:
        """`{license, license_key}`."""
        body = {"product_id": self.product_id, "policy_id": policy_id}
        return dict(self.client.create_license(body=body | fields)["data"])
