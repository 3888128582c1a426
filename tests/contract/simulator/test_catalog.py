"""Products, prices and customers can be made and changed through the API."""

from __future__ import annotations

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop


def test_a_product_and_its_price_can_be_made_through_the_api(client: StripeClient) -> None:
    """As a seller's set-up script does."""
    product = client.v1.products.create({"name": "Editor", "metadata": {"sku": "E1"}})
    price = client.v1.prices.create(
        {
            "product": product.id,
            "currency": "eur",
            "unit_amount": 2500,
            "recurring": {"interval": "month", "interval_count": 3},
        }
    ).to_dict()

    assert (price["type"], price["unit_amount"], price["currency"]) == ("recurring", 2500, "eur")
    assert (price["recurring"]["interval"], price["recurring"]["interval_count"]) == ("month", 3)
    assert client.v1.products.retrieve(price["product"]).metadata["sku"] == "E1"


def test_a_price_can_bring_its_product(client: StripeClient) -> None:
    """One call makes both."""
    price = client.v1.prices.create(
        {"currency": "usd", "unit_amount": 100, "product_data": {"name": "Viewer"}},
    ).to_dict()

    assert client.v1.products.retrieve(price["product"]).name == "Viewer"


def test_a_price_needs_a_product(client: StripeClient) -> None:
    """Neither an id nor a name: refused."""
    with pytest.raises(sdk.InvalidRequestError) as refused:
        client.v1.prices.create({"currency": "usd", "unit_amount": 100})

    assert refused.value.code == "parameter_missing"


def test_a_price_of_an_unknown_product_is_refused(client: StripeClient) -> None:
    """With the parameter that is wrong."""
    with pytest.raises(sdk.InvalidRequestError) as refused:
        client.v1.prices.create({"currency": "usd", "unit_amount": 1, "product": "prod_none"})

    assert (refused.value.code, refused.value.param) == ("resource_missing", "product")


def test_an_unknown_interval_is_refused(client: StripeClient) -> None:
    """Day, week, month and year are all there is."""
    with pytest.raises(sdk.InvalidRequestError, match="day, week, month, year"):
        client.v1.prices.create(
            {
                "currency": "usd",
                "unit_amount": 1,
                "product_data": {"name": "X"},
                "recurring": {"interval": "decade"},
            }
        )


def test_a_retired_price_is_told(client: StripeClient, shop: Shop, once: str) -> None:
    """`active` turns false and `price.updated` says what it was."""
    client.v1.prices.update(once, {"active": False})

    event = shop.events()[-1]
    assert (event["type"], event["data"]["previous_attributes"]) == (
        "price.updated",
        {"active": True},
    )
    assert [one.id for one in client.v1.prices.list({"active": False}).data] == [once]


def test_a_product_can_be_renamed(client: StripeClient, shop: Shop, once: str) -> None:
    """Old sales keep their price and show the new name."""
    product = shop.read(once)["product"]

    client.v1.products.update(product, {"name": "Editor 2"})

    assert shop.read(product)["name"] == "Editor 2"
    assert shop.events()[-1]["type"] == "product.updated"


def test_a_customer_can_change_their_address(client: StripeClient, shop: Shop) -> None:
    """Name and e-mail are the shop's to follow."""
    customer = shop.customer(email="old@example.com", name="Ada")

    client.v1.customers.update(customer, {"email": "new@example.com"})

    assert shop.events()[-1]["data"]["previous_attributes"] == {"email": "old@example.com"}


def test_a_number_that_is_none_is_refused(client: StripeClient) -> None:
    """With Stripe's code for it."""
    with pytest.raises(sdk.InvalidRequestError) as refused:
        client.v1.prices.create({"currency": "usd", "unit_amount": "many"})  # type: ignore[typeddict-item]

    assert refused.value.code == "parameter_invalid_integer"


def test_an_endpoint_made_through_the_api_gets_deliveries(client: StripeClient, shop: Shop) -> None:
    """Its secret is shown once, and it is listed without."""
    made = client.v1.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/hook", "enabled_events": ["customer.created"]}
    )

    listed = client.v1.webhook_endpoints.list().data[0].to_dict()

    assert str(made.secret).startswith("whsec_")
    assert listed["id"] == made.id
    assert "secret" not in listed
