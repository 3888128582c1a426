"""LicenseKit's side of the demo: set up over its public API, and counted at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

ANSWER_SECONDS = 10.0
MOST = 200  # LicenseKit lists no more

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sold:
    """A LicenseKit product with one policy."""

    name: str
    product_id: str
    policy_id: str


class LicenseKitSide:
    """LicenseKit's management API with an admin's token. Close it after use."""

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx.Client(
            base_url=f"{url}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=ANSWER_SECONDS,
            trust_env=False,
        )

    def sell(self, name: str, license_type: str) -> Sold:
        """A product and a policy of this type: "perpetual", "subscription", "trial"."""
        product = self._create("/products", {"name": name, "code": _code(name)})
        return Sold(name, product["id"], self._policy(product["id"], name, license_type))

    def add_policy(self, sold: Sold, name: str, license_type: str) -> Sold:
        """The same product under one more policy."""
        return Sold(name, sold.product_id, self._policy(sold.product_id, name, license_type))

    def licenses(self, sold: Sold) -> list[Record]:
        return self._list("/licenses", product_id=sold.product_id)

    def orders(self, sold: Sold) -> list[Record]:
        return self._list(f"/products/{sold.product_id}/orders")

    def subscriptions(self, sold: Sold) -> list[Record]:
        return self._list(f"/products/{sold.product_id}/subscriptions")

    def close(self) -> None:
        self._client.close()

    def _policy(self, product_id: str, name: str, license_type: str) -> str:
        body = {"name": name, "code": _code(name), "license_type": license_type}
        return str(self._create(f"/products/{product_id}/policies", body)["id"])

    def _create(self, path: str, body: Record) -> Record:
        answer = self._client.post(path, json=body)
        answer.raise_for_status()
        return dict(answer.json()["data"])

    def _list(self, path: str, **query: str) -> list[Record]:
        answer = self._client.get(path, params={"limit": str(MOST), **query})
        answer.raise_for_status()
        return list(answer.json()["data"])


def _code(name: str) -> str:
    return name.lower().replace(" ", "-")
