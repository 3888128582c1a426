"""The client that all of the worker's calls to Stripe go through: time limits, repeats, budget.

Each of its requests is measured, also those that it repeats by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import stripe

from shared.secrets import Secret
from worker.gateways.budget import NO_LIMIT, Share
from worker.gateways.measuring import STRIPE, measured

CONNECT_SECONDS = 5
READ_SECONDS = 30  # Stripe's own slowest calls stay below
NETWORK_RETRIES = 2  # stripe-python's default, with its back-off


# not stripe-python's httpx client: that one posts in a way httpx has deprecated
class PacedClient(stripe.RequestsClient):
    """Takes each request, each page and each repeat from the budget before it goes out."""

    def __init__(self, share: Share, mode: str) -> None:
        super().__init__(timeout=(CONNECT_SECONDS, READ_SECONDS))
        self._share = share
        self._mode = mode

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        **more: Any,
    ) -> Any:
        self._share.take((headers or {}).get("Stripe-Account", ""), self._mode, url)
        with measured(STRIPE, method, url) as answer:
            body, status, given = super().request(method, url, headers, post_data, **more)
            answer.status, answer.request_id = status, given.get("request-id")
        return body, status, given


def open_client(
    secret_key: Secret, api_base: str, share: Share = NO_LIMIT
) -> tuple[stripe.StripeClient, PacedClient]:
    """A client, and the connections to close in the end."""
    key = secret_key.reveal()
    http = PacedClient(share, "live" if "_live_" in key[:8] else "test")
    client = stripe.StripeClient(
        key,
        base_addresses={"api": api_base},
        http_client=http,
        max_network_retries=NETWORK_RETRIES,
    )
    return client, http
