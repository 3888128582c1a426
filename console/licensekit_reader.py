"""Asks LicenseKit for products, policies and features, to check mappings. Reads only."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from mappings.check import Policy, Unreachable
from shared.secrets import Secret
from shared.settings import Settings
from worker.gateways.licensekit import DIRECT

TIMEOUT_SECONDS = 10.0  # a person is waiting; LicenseKit answers a read in well under one


class LicenseKitReader:
    """A `mappings.check.Reader` over HTTP. Use it in a `with`."""

    def __init__(self, base_url: str, token: Secret) -> None:
        self._base_url = base_url
        self._token_is_set = bool(token)
        self._client = httpx.Client(
            base_url=f"{base_url}/api/v1",
            headers={"Authorization": f"Bearer {token.reveal()}"},
            timeout=TIMEOUT_SECONDS,
            mounts=DIRECT,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def has_product(self, product_id: str) -> bool:
        """Raises Unreachable."""
        return self._read(f"/products/{quote(product_id, safe='')}") is not None

    def policy(self, policy_id: str) -> Policy | None:
        """None when there is no such policy. Raises Unreachable."""
        data = self._read(f"/policies/{quote(policy_id, safe='')}")
        if data is None:
            return None
        return Policy(
            policy_id=str(data.get("id", policy_id)),
            product_id=str(data.get("product_id", "")),
            license_type=str(data.get("license_type", "")),
        )

    def product_of_feature(self, feature_id: str) -> str | None:
        """None when there is no such feature. Raises Unreachable."""
        data = self._read(f"/features/{quote(feature_id, safe='')}")
        return None if data is None else str(data.get("product_id", ""))

    def _read(self, path: str) -> dict[str, Any] | None:
        if not self._token_is_set:
            raise Unreachable("LicenseKit can't be asked while LICENSEKIT_API_TOKEN is not set")
        try:
            response = self._client.get(path)
            if response.status_code == 404:
                return None
            response.raise_for_status()
            data = response.json()["data"]
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            raise Unreachable(f"LicenseKit at {self._base_url} answered {status}") from None
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            reason = type(error).__name__
            raise Unreachable(f"LicenseKit at {self._base_url} gave no answer ({reason})") from None
        return data if isinstance(data, dict) else {}


def reader_of(settings: Settings) -> LicenseKitReader:
    """The LicenseKit these settings name, embedded or hosted alike."""
    return LicenseKitReader(settings.licensekit_url, settings.licensekit_api_token)
