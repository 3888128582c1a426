"""A simulator over HTTP, Stripe's own client pointed at it, and a mailbox for its deliveries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from stripe import RequestsClient, StripeClient

from simulator.server import serve
from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.mailbox import Mailbox, open_mailbox

SECRET = "whsec_simulated"
START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
Connect = Callable[[str], StripeClient]


@pytest.fixture
def stripe() -> Stripe:
    """Starts on the last of January, so that short months show."""
    return Stripe(now=START, seed=7)


@pytest.fixture
def url(stripe: Stripe) -> Iterator[str]:
    with serve(stripe) as url:
        yield url


@pytest.fixture
def connect(url: str) -> Iterator[Connect]:
    """Stripe's own client with a key of your choice; it retries nothing by itself."""
    opened: list[RequestsClient] = []

    def with_key(key: str) -> StripeClient:
        opened.append(RequestsClient())
        return StripeClient(
            key, base_addresses={"api": url}, http_client=opened[-1], max_network_retries=0
        )

    yield with_key
    for client in opened:
        client.close()  # type: ignore[no-untyped-call]


@pytest.fixture
def client(connect: Connect) -> StripeClient:
    return connect("sk_test_simulator")


@pytest.fixture
def http(url: str) -> Iterator[httpx.Client]:
    """Bare HTTP with a test key, for what Stripe's client hides."""
    headers = {"Authorization": "Bearer sk_test_simulator"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False) as http:
        yield http


@pytest.fixture
def shop(stripe: Stripe) -> Shop:
    return stripe.shop


@pytest.fixture
def mailbox(stripe: Stripe) -> Iterator[Mailbox]:
    """Gets every delivery."""
    with open_mailbox() as mailbox:
        stripe.deliver_to(mailbox.url, SECRET)
        yield mailbox


@pytest.fixture
def once(shop: Shop) -> str:
    """A price paid once: 49.00."""
    return shop.price("Editor", 4900)


@pytest.fixture
def monthly(shop: Shop) -> str:
    """A price paid each month: 9.00."""
    return shop.price("Editor monthly", 900, recurring={"interval": "month"})


@pytest.fixture
def yearly(shop: Shop) -> str:
    """A price paid each year: 90.00."""
    return shop.price("Editor yearly", 9000, recurring={"interval": "year"})


@pytest.fixture
def bigger(shop: Shop) -> str:
    """A month's price of 29.00."""
    return shop.price("Studio monthly", 2900, recurring={"interval": "month"})
