"""POSTs with an idempotency key happen once, however often they are sent."""

from __future__ import annotations

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.conftest import Connect

KEY: sdk.RequestOptions = {"idempotency_key": "first-purchase"}


def test_the_same_request_again_gives_the_same_answer(client: StripeClient, shop: Shop) -> None:
    """One customer, not two."""
    first = client.v1.customers.create({"email": "a@example.com"}, KEY)
    again = client.v1.customers.create({"email": "a@example.com"}, KEY)

    assert first.id == again.id
    assert len(shop.events()) == 1


def test_another_request_under_the_same_key_is_refused(client: StripeClient) -> None:
    """A key names one intent; using it for another is a mistake."""
    client.v1.customers.create({"email": "a@example.com"}, KEY)

    with pytest.raises(sdk.IdempotencyError):
        client.v1.customers.create({"email": "b@example.com"}, KEY)


def test_a_key_is_good_for_a_day(client: StripeClient, stripe: Stripe) -> None:
    """Later it may be used again, and acts again."""
    first = client.v1.customers.create({"email": "a@example.com"}, KEY)
    stripe.advance(days=1)

    assert client.v1.customers.create({"email": "a@example.com"}, KEY).id != first.id


def test_a_key_belongs_to_a_mode(connect: Connect) -> None:
    """The same key in test and live are two requests."""
    test = connect("sk_test_simulator").v1.customers.create({}, KEY)
    live = connect("sk_live_simulator").v1.customers.create({}, KEY)

    assert test.id != live.id


def test_an_event_names_the_request_that_caused_it(client: StripeClient, shop: Shop) -> None:
    """Id and idempotency key; both empty for what happened by itself."""
    client.v1.customers.create({}, KEY)
    shop.customer()

    asked, by_itself = shop.events()
    assert asked["request"]["idempotency_key"] == "first-purchase"
    assert asked["request"]["id"].startswith("req_")
    assert by_itself["request"] == {"id": None, "idempotency_key": None}


def test_a_refused_request_may_be_corrected_under_its_key(client: StripeClient) -> None:
    """What was refused before it began does not bind the key."""
    with pytest.raises(sdk.InvalidRequestError):
        client.v1.customers.create({"mail": "typo"}, KEY)  # type: ignore[arg-type]

    assert client.v1.customers.create({"email": "a@example.com"}, KEY).id


def test_a_lost_answer_is_found_again_with_its_key(
    client: StripeClient, stripe: Stripe, shop: Shop
) -> None:
    """The work was done, the answer was not seen: the retry finds it and does nothing twice."""
    stripe.switch(fail_next=(500,), fail_after_write=True)
    with pytest.raises(sdk.APIError):
        client.v1.customers.create({"email": "a@example.com"}, KEY)

    found = client.v1.customers.create({"email": "a@example.com"}, KEY)

    assert [event["data"]["object"]["id"] for event in shop.events()] == [found.id]
