"""The API fails on demand, in Stripe's words, and says when to come back."""

from __future__ import annotations

import httpx
import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop
from simulator.stripe import Stripe


def test_too_many_requests_are_refused_with_429(client: StripeClient, stripe: Stripe) -> None:
    """As a rate limit, with the code that Stripe gives."""
    stripe.switch(fail_next=(429,))

    with pytest.raises(sdk.RateLimitError) as refused:
        client.v1.customers.list()

    assert '"code":"rate_limit"' in str(refused.value.http_body)


def test_failures_come_in_the_planned_order_and_then_end(
    http: httpx.Client, stripe: Stripe
) -> None:
    """So that a test can say exactly what happens."""
    stripe.switch(fail_next=(500, 429, 500))

    seen = [http.get("/v1/customers").status_code for _ in range(5)]

    assert seen == [500, 429, 500, 200, 200]


def test_a_failure_can_say_when_to_come_back(http: httpx.Client, stripe: Stripe) -> None:
    """`Retry-After` and `Stripe-Should-Retry` are sent when switched on."""
    stripe.switch(fail_next=(429,), retry_after_seconds=7, should_retry=True)

    headers = http.get("/v1/customers").headers

    assert (headers["Retry-After"], headers["Stripe-Should-Retry"]) == ("7", "true")


def test_stripes_own_client_tries_a_failed_request_again(
    url: str, stripe: Stripe, shop: Shop
) -> None:
    """The twin is close enough for the SDK's retries to work on it."""
    customer = shop.customer()
    stripe.switch(fail_next=(500,), should_retry=True)
    http_client = sdk.RequestsClient()
    patient = StripeClient(
        "sk_test_simulator",
        base_addresses={"api": url},
        http_client=http_client,
        max_network_retries=1,
    )

    assert patient.v1.customers.retrieve(customer).id == customer
    http_client.close()  # type: ignore[no-untyped-call]


def test_a_failed_write_has_not_happened(client: StripeClient, stripe: Stripe, shop: Shop) -> None:
    """Unless the switch says that only the answer was lost."""
    stripe.switch(fail_next=(500,))

    with pytest.raises(sdk.APIError):
        client.v1.customers.create({})

    assert shop.events() == []


def test_every_request_can_fail(http: httpx.Client, stripe: Stripe) -> None:
    """A share of 1 is an outage."""
    stripe.switch(answer_500=1.0)

    assert {http.get("/v1/customers").status_code for _ in range(4)} == {500}


def test_some_requests_can_fail(http: httpx.Client, stripe: Stripe) -> None:
    """A share between fails some and serves others."""
    stripe.switch(answer_429=0.5)

    assert {http.get("/v1/customers").status_code for _ in range(40)} == {200, 429}


def test_every_answer_names_its_request_and_version(http: httpx.Client) -> None:
    """`Request-Id` to talk about it, `Stripe-Version` as it was asked for."""
    headers = {"Stripe-Version": "2026-10-28.endive", "Idempotency-Key": "k1"}

    answer = http.post("/v1/customers", headers=headers)

    assert answer.headers["Request-Id"].startswith("req_")
    assert answer.headers["Stripe-Version"] == "2026-10-28.endive"
    assert answer.headers["Idempotency-Key"] == "k1"


def test_an_unknown_address_is_refused_in_stripes_form(http: httpx.Client) -> None:
    """404 with an error object, also for methods that an object does not have."""
    for method, path in (("GET", "/v1/nothing"), ("DELETE", "/v1/events/evt_1")):
        answer = http.request(method, path)
        assert answer.status_code == 404
        assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_body_that_is_not_text_is_refused(http: httpx.Client) -> None:
    """400, and not a crash."""
    answer = http.post("/v1/customers", content=b"email=\xff\xfe")

    assert (answer.status_code, answer.json()["error"]["message"]) == (
        400,
        "The request body is not UTF-8.",
    )


def test_an_answer_can_be_slow(http: httpx.Client, stripe: Stripe) -> None:
    """For benchmarks at the speed of the real service; the answer is the same."""
    stripe.switch(latency_seconds=0.01)

    answer = http.get("/v1/customers")

    assert answer.status_code == 200


def test_an_object_in_use_is_refused_with_a_lock_timeout(
    http: httpx.Client, stripe: Stripe
) -> None:
    """As when two write to one object at the same moment."""
    stripe.switch(fail_next=(409,))

    answer = http.post("/v1/customers")

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "lock_timeout")
