"""The client that all of the worker's calls to Stripe go through: time limits, repeats, budget.

Each of its requests is measured, also those that it repeats by itself.
With the token of an account that installed our app it also keeps two rules: no header names an
account, as the token stands for one; and a refusal says nothing against the key in our settings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import stripe

from shared.accounts import ServedAccount
from shared.secrets import Secret
from worker.errors import TemporaryError
from worker.gateways.budget import NO_LIMIT, Share
from worker.gateways.measuring import STRIPE, measured
from worker.gateways.patience import PATIENT, Patience

ACCOUNT_HEADER = "Stripe-Account"
AGAIN_SECONDS = 5.0  # a token that ran out early is fetched anew by then


@dataclass(frozen=True, slots=True)
class TokenOf:
    """Whose access token a client shows. `refused` is called when Stripe does not take it."""

    which: ServedAccount
    refused: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Calling:
    """How a client calls. `token_of` is None for a key of our own."""

    share: Share = NO_LIMIT
    patience: Patience = PATIENT
    token_of: TokenOf | None = None


# not stripe-python's httpx client: that one posts in a way httpx has deprecated
class PacedClient(stripe.RequestsClient):
    """Takes each request, each page and each repeat from the budget before it goes out."""

    def __init__(self, calling: Calling, mode: str) -> None:
        patience = calling.patience
        super().__init__(timeout=(patience.connect_seconds, patience.read_seconds))
        self._share = calling.share
        self._token_of = calling.token_of
        self._mode = mode

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        **more: Any,
    ) -> Any:
        """Raises TemporaryError for an access token that is refused."""
        sent = dict(headers or {})
        if self._token_of is not None:
            sent.pop(ACCOUNT_HEADER, None)
        self._share.take(sent.get(ACCOUNT_HEADER, ""), self._mode, url)
        with measured(STRIPE, method, url) as answer:
            body, status, given = super().request(method, url, sent, post_data, **more)
            answer.status, answer.request_id = status, given.get("request-id")
        if self._token_of is not None and status in (401, 403):
            self._token_of.refused()
            raise _refused(self._token_of, body, status, given)
        return body, status, given


def open_client(
    secret_key: Secret, api_base: str, calling: Calling
) -> tuple[stripe.StripeClient, PacedClient]:
    """A client, and the connections to close in the end."""
    key = secret_key.reveal()
    livemode = "_live_" in key[:8] if calling.token_of is None else calling.token_of.which.livemode
    http = PacedClient(calling, "live" if livemode else "test")
    client = stripe.StripeClient(
        key,
        base_addresses={"api": api_base},
        http_client=http,
        max_network_retries=calling.patience.attempts - 1,
    )
    return client, http


def _refused(
    token_of: TokenOf, content: bytes, status: int, headers: Mapping[str, str]
) -> TemporaryError:
    code = _code(content)
    return TemporaryError(
        f"Stripe refused the access token of {token_of.which}, which installed our app "
        f"({status}{f', {code}' if code else ''}). The sale waits and loses nothing, and "
        "STRIPE_SECRET_KEY is not at fault. A new token is fetched at the next try; if the app "
        "was uninstalled there, the account is closed then. If this stays, the app lacks a "
        "permission: see docs/8-stripe-app.md, and have the account install it again.",
        after_seconds=AGAIN_SECONDS,
        request_id=headers.get("request-id"),
    )


def _code(content: bytes) -> str:
    """Stripe's word for what was wrong; its sentence may quote the token."""
    try:
        error = json.loads(content)["error"]
        return str(error.get("code") or error.get("type") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
