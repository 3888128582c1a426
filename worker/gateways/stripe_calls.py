"""How Stripe is called: every page of a list, and its errors as ours."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import stripe

from worker.errors import NotFound, PermanentError, TemporaryError

Facts = dict[str, Any]  # one Stripe object as plain data
T = TypeVar("T")

BUSY_SECONDS = 2.0  # what a 429 without Retry-After waits; limits are counted per second
KEY_SECONDS = 60.0  # a refused key is not worth a try sooner: a person has to mend it

# Stripe quotes a refused key in its text, its middle starred; we quote none of it
QUOTED_KEY = re.compile(r"\b[sr]k_(?:test|live)_[^\s'\"]*")


def options(account: str) -> Any:
    return {"stripe_account": account} if account else {}


def all_pages(first_page: Callable[[], Any]) -> Facts:
    """Every page of a list, as one."""
    return call(
        lambda: {
            "data": [item.to_dict() for item in first_page().auto_paging_iter()],
            "has_more": False,
        }
    )


def call(work: Callable[[], T]) -> T:
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
