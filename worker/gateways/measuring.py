"""Each request to Stripe and LicenseKit: counted, timed, traced, and told when it fails.

Named by method and path without the ids in it. That a service is tried again is not known here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from prometheus_client import Counter, Histogram

from shared.logs import get_logger
from shared.metrics import LICENSEKIT_CALLS, LICENSEKIT_SECONDS, STRIPE_CALLS, STRIPE_SECONDS
from shared.tracing import span

log = get_logger("calls")

NO_ANSWER = "no_answer"  # the status of a request that was not answered
BUSY = 429

# A closed list, so that no id becomes a label: any other part of a path is shown as {id}.
WORDS = frozenset(
    (
        *("api", "v1", "oauth", "token", "account", "accounts", "events", "search"),
        *("checkout", "sessions", "line_items", "lines", "subscriptions", "subscription_items"),
        *("subscription_schedules", "invoices", "invoice_payments", "invoiceitems"),
        *("payment_intents", "charges", "refunds", "disputes", "prices", "products", "customers"),
        *("entitlements", "active_entitlements", "features", "webhook_endpoints"),
        *("test_helpers", "test_clocks", "balance", "setup_intents", "credit_notes"),
        *("licenses", "policies", "orders", "organization", "license", "devices", "usage"),
        *("renew", "revoke", "suspend", "reinstate", "transfer"),
    )
)


@dataclass(frozen=True, slots=True)
class Service:
    """One of the two, and where its requests are counted."""

    name: str
    calls: Counter
    seconds: Histogram


STRIPE = Service("stripe", STRIPE_CALLS, STRIPE_SECONDS)
LICENSEKIT = Service("licensekit", LICENSEKIT_CALLS, LICENSEKIT_SECONDS)


@dataclass(slots=True)
class Answer:
    """What came back. The status stays None where nothing did."""

    status: int | None = None
    request_id: str | None = None


def name_operation(method: str, url: str) -> str:
    """`GET /v1/subscriptions/{id}`."""
    parts = [part for part in urlsplit(url).path.split("/") if part]
    return "/".join([f"{method.upper()} ", *(part if part in WORDS else "{id}" for part in parts)])


@contextmanager
def measured(service: Service, method: str, url: str) -> Iterator[Answer]:
    """Around one request; whoever makes it writes the answer down."""
    operation = name_operation(method, url)
    answer = Answer()
    began = time.perf_counter()
    with span(f"{service.name} {operation}", operation=operation) as note:
        try:
            yield answer
        finally:
            took = time.perf_counter() - began
            status = NO_ANSWER if answer.status is None else str(answer.status)
            service.calls.labels(operation, status).inc()
            service.seconds.labels(operation).observe(took)
            note(status=answer.status, request_id=answer.request_id)
            _tell(service, operation, answer, took)


def _tell(service: Service, operation: str, answer: Answer, took: float) -> None:
    """Only what is wrong on the service's side: a 404 is an answer as any other."""
    if answer.status is None or answer.status == BUSY or answer.status >= 500:
        log.warning(
            f"{service.name}.failed",
            operation=operation,
            status=answer.status or NO_ANSWER,
            request_id=answer.request_id,
            took_ms=round(took * 1_000),
        )
