"""The one module of the worker that calls Stripe. Plain dicts go out, our errors come up.

Reads at the API version that stripe-python pins, whatever version an endpoint's events carry.
Every call has a time limit; the client itself repeats reads and keyed writes on network errors,
409 and 5xx. What the answers mean is read in `worker.snapshot`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import stripe

from shared.secrets import Secret
from worker.errors import NotFound, PermanentError, TemporaryError
from worker.state import TargetKind

Facts = dict[str, Any]  # one Stripe object as plain data
T = TypeVar("T")

CONNECT_SECONDS = 5
READ_SECONDS = 30  # Stripe's own slowest calls stay below
NETWORK_RETRIES = 2  # stripe-python's default, with its back-off
PAGE = 100  # Stripe's largest
BUSY_SECONDS = 2.0  # what a 429 without Retry-After waits; limits are counted per second
KEY_SECONDS = 60.0  # a refused key is not worth a try sooner: a person has to mend it

# Stripe quotes a refused key in its text, its middle starred; we quote none of it
QUOTED_KEY = re.compile(r"\b[sr]k_(?:test|live)_[^\s'\"]*")

SESSION_EXPAND = (
    "customer",
    "line_items.data.price.product",
    "payment_intent.latest_charge",
)
SUBSCRIPTION_EXPAND = (
    "customer",
    "items.data.price.product",
    "latest_invoice.payments",
)


class StripeGateway:
    """Reads and writes back, for our own account ("") or a connected one ("acct_…").

    Raises NotFound, PermanentError or TemporaryError, each with Stripe's request id. One gateway
    serves one thread.
    """

    def __init__(self, secret_key: Secret, api_base: str) -> None:
        # not its httpx client: that one posts in a way httpx has deprecated
        self._http = stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS))
        self._client = stripe.StripeClient(
            secret_key.reveal(),
            base_addresses={"api": api_base},
            http_client=self._http,
            max_network_retries=NETWORK_RETRIES,
        )

    def close(self) -> None:
        self._http.close()  # type: ignore[no-untyped-call]

    def session(self, account: str, session_id: str) -> Facts:
        """A checkout session with customer, all line items with price and product, and payment."""
        api = self._client.v1.checkout.sessions
        facts = _call(
            lambda: api.retrieve(
                session_id, {"expand": list(SESSION_EXPAND)}, _options(account)
            ).to_dict()
        )
        if facts["line_items"]["has_more"]:
            params: Any = {"limit": PAGE, "expand": ["data.price.product"]}
            facts["line_items"] = _all(
                lambda: api.line_items.list(session_id, params, _options(account))
            )
        return facts

    def subscription(self, account: str, subscription_id: str) -> Facts:
        """A subscription with customer, latest invoice, and all items with price and product."""
        facts = _call(
            lambda: self._client.v1.subscriptions.retrieve(
                subscription_id, {"expand": list(SUBSCRIPTION_EXPAND)}, _options(account)
            ).to_dict()
        )
        if facts["items"]["has_more"]:
            params: Any = {
                "subscription": subscription_id,
                "limit": PAGE,
                "expand": ["data.price.product"],
            }
            facts["items"] = _all(
                lambda: self._client.v1.subscription_items.list(params, _options(account))
            )
        return facts

    def paid_invoices(self, account: str, subscription_id: str) -> list[Facts]:
        """All paid invoices of a subscription, each with all its lines and its payments."""
        params: Any = {
            "subscription": subscription_id,
            "status": "paid",
            "limit": PAGE,
            "expand": ["data.payments"],
        }
        pages = _all(lambda: self._client.v1.invoices.list(params, _options(account)))
        invoices: list[Facts] = pages["data"]
        for invoice in invoices:
            if invoice["lines"]["has_more"]:
                invoice["lines"] = self._lines(account, invoice["id"])
        return invoices

    def sessions_of(self, account: str, subscription_id: str) -> list[Facts]:
        """The checkout session that began a subscription, or none."""
        params: Any = {"subscription": subscription_id, "limit": 1}
        pages = _call(
            lambda: self._client.v1.checkout.sessions.list(params, _options(account)).to_dict()
        )
        found: list[Facts] = pages["data"]
        return found

    def invoice(self, account: str, invoice_id: str) -> Facts:
        """An invoice as it is, to see which sale it belongs to."""
        return _call(
            lambda: self._client.v1.invoices.retrieve(invoice_id, None, _options(account)).to_dict()
        )

    def payment_intent(self, account: str, payment_intent_id: str) -> Facts:
        """A payment intent, for its charge and its metadata."""
        return _call(
            lambda: self._client.v1.payment_intents.retrieve(
                payment_intent_id, None, _options(account)
            ).to_dict()
        )

    def write_metadata(
        self,
        account: str,
        target: tuple[TargetKind, str],
        metadata: Mapping[str, str],
        *,
        idempotency_key: str,
    ) -> None:
        """Merge metadata into one object; keys not named stay as they are."""
        kind, object_id = target
        params: Any = {"metadata": dict(metadata)}
        options: Any = {**_options(account), "idempotency_key": idempotency_key}
        v1 = self._client.v1
        update: dict[TargetKind, Callable[..., object]] = {
            "customer": v1.customers.update,
            "checkout_session": v1.checkout.sessions.update,
            "payment_intent": v1.payment_intents.update,
            "subscription": v1.subscriptions.update,
            "invoice": v1.invoices.update,
        }
        _call(lambda: update[kind](object_id, params, options))

    def _lines(self, account: str, invoice_id: str) -> Facts:
        params: Any = {"limit": PAGE}
        return _all(
            lambda: self._client.v1.invoices.line_items.list(invoice_id, params, _options(account))
        )


def _options(account: str) -> Any:
    return {"stripe_account": account} if account else {}


def _all(first_page: Callable[[], Any]) -> Facts:
    """Every page of a list, as one."""
    return _call(
        lambda: {
            "data": [item.to_dict() for item in first_page().auto_paging_iter()],
            "has_more": False,
        }
    )


def _call(work: Callable[[], T]) -> T:
    try:
        return work()
    except stripe.StripeError as error:
        raise translate(error) from error


def translate(error: stripe.StripeError) -> TemporaryError | PermanentError:
    """Stripe's error as one of ours. Its text names the object, never the key we sent."""
    text = QUOTED_KEY.sub("…", error.user_message or type(error).__name__).rstrip(".")
    request_id = error.request_id
    match error:
        case stripe.AuthenticationError() | stripe.PermissionError():
            return TemporaryError(
                f"Stripe refused our key: {text}. The sale waits and loses nothing. "
                "Mend STRIPE_SECRET_KEY or its permissions and start the workers again; then "
                '"fulfill retry --failed", or wait a quarter of an hour at most.',
                after_seconds=KEY_SECONDS,
                request_id=request_id,
            )
        case stripe.RateLimitError():
            return _temporary("Stripe asks us to slow down", text, error)
        case stripe.InvalidRequestError() if error.http_status == 404:
            return NotFound(
                f"Stripe knows no such object: {text}",
                cause="missing_in_stripe",
                subject=error.param or "",
                request_id=request_id,
            )
        case stripe.InvalidRequestError() if error.code != "lock_timeout":
            return PermanentError(
                f"Stripe refused the request: {text}. It would refuse it again, so the sale "
                'waits for a person: mend what Stripe names, then "fulfill reconcile" the sale.',
                cause="refused_by_stripe",
                subject=error.param or "",
                request_id=request_id,
            )
        case _:
            return _temporary("Stripe did not answer as it should", text, error)


def _temporary(what: str, text: str, error: stripe.StripeError) -> TemporaryError:
    wish = (error.headers or {}).get("retry-after", "")
    return TemporaryError(
        f"{what}: {text}. The sale is tried again by itself.",
        after_seconds=float(wish) if wish.isdecimal() else BUSY_SECONDS,
        request_id=error.request_id,
    )
