"""The embedded LicenseKit, served over HTTP for tests, and an admin who looks into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from licensing.app import create_app
from licensing.config import LicensingConfig
from licensing.config import Secret as ApiSecret
from licensing.database import close_database, upgrade
from tests.conftest import FERNET_KEY
from tests.worlds.moody import Moody
from tests.worlds.web import serve_app

TOKEN = "lk_test_admin"  # as the tests' settings have it
MOST = 200  # LicenseKit lists no more

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy and the product it belongs to."""

    product_id: str
    id: str


class LicenseKitBooks:
    """LicenseKit seen by its admin: sets up what is sold, and lists what stands."""

    def __init__(self, url: str, moods: Moody) -> None:
        self.url = url
        self.moods = moods
        self._numbers = count(1)
        self._client = httpx.Client(
            base_url=f"{url}/api/v1",
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=30,
            trust_env=False,
        )

    def close(self) -> None:
        self._client.close()

    def product(self) -> str:
        code = f"product-{next(self._numbers)}"
        return str(self.post("/products", {"name": code, "code": code})["id"])

    def policy(self, license_type: str, product_id: str | None = None) -> Policy:
        """A policy of a product of its own, unless one is named."""
        owner = product_id or self.product()
        code = f"policy-{next(self._numbers)}"
        body = {"name": code, "code": code, "license_type": license_type}
        return Policy(owner, str(self.post(f"/products/{owner}/policies", body)["id"]))

    def licenses(self, product_id: str) -> list[Record]:
        """Oldest first, with those that were revoked."""
        found = self._list("/licenses", product_id=product_id)
        return sorted(found, key=lambda one: str(one["id"]))

    def license(self, license_id: str) -> Record:
        return self._data(self._client.get(f"/licenses/{license_id}"))

    def orders(self, product_id: str) -> list[Record]:
        return self._list(f"/products/{product_id}/orders")

    def subscriptions(self, product_id: str) -> list[Record]:
        return self._list(f"/products/{product_id}/subscriptions")

    def customers(self) -> list[Record]:
        return self._list("/customers")

    def act(self, license_id: str, verb: str) -> None:
        """`revoke`, `suspend` or `reinstate`, as a person in LicenseKit would."""
        self.post(f"/licenses/{license_id}/{verb}", None)

    def extend(self, license_id: str, until: str) -> None:
        """A person sets another end, "2030-01-01T00:00:00Z"."""
        self._move(f"/licenses/{license_id}/renew", {"expires_at": until})

    def transfer(self, license_id: str, customer_id: str) -> None:
        """A person gives it to another customer."""
        self._move(f"/licenses/{license_id}/transfer", {"customer_id": customer_id})

    def customer(self, name: str) -> str:
        """A customer that a person made by hand."""
        return str(self.post("/customers", {"name": name, "code": f"hand-made-{name}"})["id"])

    def feature(self, product_id: str, code: str) -> str:
        body = {"name": code.title(), "code": code}
        return str(self.post(f"/products/{product_id}/features", body)["id"])

    def give(self, license_id: str, feature_id: str) -> None:
        """A person puts a feature on a license."""
        self.post(f"/licenses/{license_id}/features", {"feature_id": feature_id})

    def features(self, license_id: str) -> dict[str, int | None]:
        """What a license carries, by its code: how often it may be used, None = without a limit."""
        rows = self._list(f"/licenses/{license_id}/features")
        return {one["feature_code"]: one.get("max_consumptions") for one in rows}

    def accepts(self, key: str) -> bool:
        """Can a buyer's machine be activated with this license key?"""
        answer = self._client.post(
            "/license/activate",
            json={"fingerprint": "a-buyers-machine"},
            headers={"Authorization": f"License {key}", "Idempotency-Key": f"first/{key}"},
        )
        return answer.is_success

    def _move(self, path: str, body: Record) -> None:
        key = {"Idempotency-Key": f"by-hand-{next(self._numbers)}"}
        self._data(self._client.post(path, json=body, headers=key))

    def post(self, path: str, body: Record | None) -> Record:
        """Anything else that an admin, or another integration, makes."""
        return self._data(self._client.post(path, json=body))

    def _list(self, path: str, **query: str) -> list[Record]:
        answer = self._client.get(path, params={"limit": str(MOST), **query})
        answer.raise_for_status()
        return list(answer.json()["data"])

    def _data(self, answer: httpx.Response) -> Record:
        assert answer.is_success, answer.text
        return dict(answer.json()["data"])


@contextmanager
def serve_licensekit(folder: Path) -> Iterator[LicenseKitBooks]:
    """A LicenseKit with nothing in it; its database lies in `folder`."""
    url = f"sqlite:///{folder / 'licensekit.db'}"
    upgrade(url)
    config = LicensingConfig(url, ApiSecret(TOKEN), (ApiSecret(FERNET_KEY),))
    try:
        moods = Moody(create_app(config))
        with serve_app(moods) as address:
            books = LicenseKitBooks(address, moods)
            yield books
            books.close()
    finally:
        close_database(url)
