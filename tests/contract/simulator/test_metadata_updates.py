"""Writing metadata: merged, limited, and with an event where Stripe has one."""

from __future__ import annotations

from typing import Any

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop


@pytest.fixture
def customer(shop: Shop) -> str:
    return shop.customer(email="a@example.com", metadata={"plan": "gold", "team": "red"})


def last_event(shop: Shop) -> tuple[str, Any]:
    event = shop.events()[-1]
    return event["type"], event["data"].get("previous_attributes")


def test_new_keys_are_added_and_others_stay(client: StripeClient, customer: str) -> None:
    """A write is a merge, never a replacement."""
    client.v1.customers.update(customer, {"metadata": {"license": "lic_1"}})

    metadata = client.v1.customers.retrieve(customer).to_dict()["metadata"]
    assert metadata == {"plan": "gold", "team": "red", "license": "lic_1"}


def test_an_empty_value_takes_a_key_away(client: StripeClient, customer: str) -> None:
    """The one key, and no other."""
    client.v1.customers.update(customer, {"metadata": {"plan": ""}})

    assert client.v1.customers.retrieve(customer).to_dict()["metadata"] == {"team": "red"}


def test_empty_metadata_takes_all_keys_away(client: StripeClient, customer: str) -> None:
    """`metadata=""` unsets everything."""
    client.v1.customers.update(customer, {"metadata": ""})

    assert client.v1.customers.retrieve(customer).to_dict()["metadata"] == {}


def test_a_change_says_what_was_there_before(
    client: StripeClient, shop: Shop, customer: str
) -> None:
    """Only the keys that changed, and None for those that are new."""
    client.v1.customers.update(customer, {"metadata": {"plan": "silver", "license": "lic_1"}})

    previous = {"metadata": {"plan": "gold", "license": None}}
    assert last_event(shop) == ("customer.updated", previous)


def test_a_write_that_changes_nothing_makes_no_event(
    client: StripeClient, shop: Shop, customer: str
) -> None:
    """So an echo of our own write ends by itself."""
    before = len(shop.events())

    client.v1.customers.update(customer, {"metadata": {"plan": "gold"}})

    assert len(shop.events()) == before


def test_subscriptions_and_invoices_tell_of_new_metadata(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """Each with the event of its kind."""
    rented = shop.subscribe(monthly)

    client.v1.subscriptions.update(str(rented.subscription), {"metadata": {"a": "1"}})
    subscription_event = last_event(shop)
    client.v1.invoices.update(str(rented.invoice), {"metadata": {"b": "2"}})

    assert subscription_event == ("customer.subscription.updated", {"metadata": {"a": None}})
    assert last_event(shop) == ("invoice.updated", {"metadata": {"b": None}})


def test_sessions_and_payment_intents_take_metadata_silently(
    client: StripeClient, shop: Shop, once: str
) -> None:
    """Stripe has no such events for them."""
    bought = shop.buy(once)
    before = len(shop.events())

    client.v1.checkout.sessions.update(bought.session, {"metadata": {"a": "1"}})
    client.v1.payment_intents.update(str(bought.payment_intent), {"metadata": {"a": "1"}})

    assert shop.read(bought.session)["metadata"] == {"a": "1"}
    assert shop.read(str(bought.payment_intent))["metadata"] == {"a": "1"}
    assert len(shop.events()) == before


def test_a_canceled_subscription_still_takes_metadata(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """As write-backs may come after the end."""
    rented = shop.subscribe(monthly)
    shop.cancel(str(rented.subscription))

    client.v1.subscriptions.update(str(rented.subscription), {"metadata": {"a": "1"}})

    assert shop.read(str(rented.subscription))["metadata"] == {"a": "1"}


@pytest.mark.parametrize(
    "metadata",
    [
        {f"key{number}": "x" for number in range(49)},  # with the two there, 51
        {"k" * 41: "x"},
        {"key": "v" * 501},
    ],
    ids=["51 keys", "a key of 41", "a value of 501"],
)
def test_too_much_metadata_is_refused_and_nothing_written(
    client: StripeClient, shop: Shop, customer: str, metadata: dict[str, str]
) -> None:
    """50 keys, 40 characters a key, 500 a value."""
    with pytest.raises(sdk.InvalidRequestError):
        client.v1.customers.update(customer, {"metadata": metadata})

    assert shop.read(customer)["metadata"] == {"plan": "gold", "team": "red"}


def test_a_field_that_can_not_be_written_is_refused(client: StripeClient, customer: str) -> None:
    """Balance is not ours to set here."""
    with pytest.raises(sdk.InvalidRequestError) as refused:
        client.v1.customers.update(customer, {"livemode": "true"})  # type: ignore[arg-type]

    assert refused.value.code == "parameter_unknown"
