"""Customers change their names, and some are deleted."""

from __future__ import annotations

from typing import Any

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop
from simulator.stripe import Stripe


def last(shop: Shop) -> tuple[str, dict[str, Any]]:
    event = shop.events()[-1]
    return event["type"], event["data"]


def test_a_customer_who_moves_is_told_with_what_was_before(
    client: StripeClient, shop: Shop
) -> None:
    """Only what changed is in `previous_attributes`."""
    customer = shop.customer(email="ada@old.example", name="Ada", metadata={"team": "red"})

    client.v1.customers.update(customer, {"email": "ada@new.example", "metadata": {"team": "blue"}})

    event_type, data = last(shop)
    assert (event_type, data["object"]["email"], data["object"]["name"]) == (
        "customer.updated",
        "ada@new.example",
        "Ada",
    )
    assert data["previous_attributes"] == {"email": "ada@old.example", "metadata": {"team": "red"}}


def test_a_story_can_change_a_customer(shop: Shop) -> None:
    """As the seller does in the Dashboard."""
    customer = shop.customer(name="Ada")

    shop.change_customer(customer, name="Ada King")

    assert shop.read(customer)["name"] == "Ada King"
    assert last(shop)[1]["previous_attributes"] == {"name": "Ada"}


def test_of_a_deleted_customer_three_fields_are_left(client: StripeClient, shop: Shop) -> None:
    """It can still be read, but is in no list."""
    customer = shop.customer(email="ada@example.com")
    other = shop.customer()

    client.v1.customers.delete(customer)

    stub = {"id": customer, "object": "customer", "deleted": True}
    assert client.v1.customers.retrieve(customer).to_dict() == stub
    assert [one.id for one in client.v1.customers.list().data] == [other]
    event_type, data = last(shop)
    assert (event_type, data["object"]["email"]) == ("customer.deleted", "ada@example.com")


def test_what_a_deleted_customer_bought_names_a_deleted_customer(
    client: StripeClient, shop: Shop, once: str
) -> None:
    """By id as before, and as three fields when expanded."""
    bought = shop.buy(once)
    shop.delete_customer(str(bought.customer))
    retrieve = client.v1.checkout.sessions.retrieve

    plain = retrieve(bought.session)
    expanded = retrieve(bought.session, {"expand": ["customer"]}).to_dict()

    assert plain.customer == bought.customer
    assert expanded["customer"] == {"id": bought.customer, "object": "customer", "deleted": True}


def test_subscriptions_of_a_deleted_customer_end_at_once(shop: Shop, monthly: str) -> None:
    """Before the customer is gone."""
    rented = shop.subscribe(monthly)

    shop.delete_customer(str(rented.customer))

    assert shop.read(str(rented.subscription))["status"] == "canceled"
    assert [event["type"] for event in shop.events()[-2:]] == [
        "customer.subscription.deleted",
        "customer.deleted",
    ]


def test_nobody_asks_a_deleted_customer_for_money(
    client: StripeClient, stripe: Stripe, shop: Shop, once: str
) -> None:
    """A draft that would go on by itself stays where it is."""
    customer = shop.customer()
    draft = client.v1.invoices.create({"customer": customer, "auto_advance": True})
    client.v1.invoice_items.create(
        {"customer": customer, "invoice": draft.id, "pricing": {"price": once}}
    )
    shop.delete_customer(customer)

    stripe.advance(days=30)

    assert shop.read(draft.id)["status"] == "draft"
    with pytest.raises(sdk.InvalidRequestError, match="No such customer"):
        client.v1.invoices.pay(draft.id)


def test_a_deleted_customer_buys_nothing_and_changes_no_more(
    client: StripeClient, shop: Shop, once: str
) -> None:
    """For Stripe there is no such customer."""
    customer = shop.customer()
    shop.delete_customer(customer)

    with pytest.raises(Exception, match="No such customer"):
        shop.buy(once, customer=customer)
    with pytest.raises(sdk.InvalidRequestError, match="No such customer"):
        client.v1.customers.update(customer, {"name": "Ada"})
    with pytest.raises(sdk.InvalidRequestError, match="No such customer"):
        client.v1.customers.delete(customer)
