"""`expand` fills in objects where ids stand, and lists that are sent only on demand."""

from __future__ import annotations

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop


def test_a_session_comes_with_its_lines_and_products_on_demand(
    client: StripeClient, shop: Shop, once: str
) -> None:
    """What a fulfillment needs of a purchase, in one call."""
    bought = shop.buy([{"price": once, "quantity": 3}])

    session = client.v1.checkout.sessions.retrieve(
        bought.session,
        {"expand": ["line_items.data.price.product", "payment_intent.latest_charge", "customer"]},
    ).to_dict()

    line = session["line_items"]["data"][0]
    assert (line["quantity"], line["price"]["product"]["name"]) == (3, "Editor")
    assert session["payment_intent"]["latest_charge"]["paid"] is True
    assert session["customer"]["email"] == "buyer@example.com"


def test_a_session_has_no_lines_unless_asked(client: StripeClient, shop: Shop, once: str) -> None:
    """Neither in the API nor in events: this is where many shops go wrong."""
    session = client.v1.checkout.sessions.retrieve(shop.buy(once).session).to_dict()

    assert "line_items" not in session


def test_a_subscription_comes_with_its_invoice_and_payment_on_demand(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """What a fulfillment needs of a subscription, in one call."""
    rented = shop.subscribe(monthly)

    subscription = client.v1.subscriptions.retrieve(
        str(rented.subscription),
        {"expand": ["items.data.price.product", "customer", "latest_invoice.payments"]},
    ).to_dict()

    assert subscription["items"]["data"][0]["price"]["product"]["name"] == "Editor monthly"
    assert subscription["customer"]["id"] == rented.customer
    assert subscription["latest_invoice"]["payments"]["data"][0]["status"] == "paid"


def test_the_payment_intent_of_an_invoice_is_found_through_its_payments(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """`invoice.payment_intent` is gone since basil."""
    rented = shop.subscribe(monthly)

    invoice = client.v1.invoices.retrieve(
        str(rented.invoice), {"expand": ["payments.data.payment.payment_intent"]}
    ).to_dict()

    payment = invoice["payments"]["data"][0]["payment"]
    assert payment["payment_intent"]["status"] == "succeeded"


def test_rows_of_a_list_can_be_filled_in(client: StripeClient, shop: Shop, once: str) -> None:
    """The path goes through `data`."""
    shop.buy(once)

    page = client.v1.payment_intents.list({"expand": ["data.latest_charge", "data.customer"]})

    assert page.to_dict()["data"][0]["latest_charge"]["object"] == "charge"


def test_what_is_empty_stays_empty(client: StripeClient, shop: Shop, once: str) -> None:
    """A guest's session has no customer to fill in."""
    bought = shop.buy(once, guest=True)

    session = client.v1.checkout.sessions.retrieve(bought.session, {"expand": ["customer"]})

    assert session.customer is None


def test_a_path_has_four_levels_at_most(client: StripeClient) -> None:
    """`data` counts as one, so the payment intents of a list of invoices are out of reach."""
    with pytest.raises(sdk.InvalidRequestError, match="more than 4 levels"):
        client.v1.invoices.list({"expand": ["data.payments.data.payment.payment_intent"]})


@pytest.mark.parametrize("path", ["subscription", "amount_total", "customer.email", "metadata.a"])
def test_what_is_no_object_can_not_be_filled_in(
    client: StripeClient, shop: Shop, once: str, path: str
) -> None:
    """A misspelt path is refused and not overlooked; an empty field is not wrong."""
    session = shop.buy(once).session
    retrieve = client.v1.checkout.sessions.retrieve

    if path == "subscription":
        assert retrieve(session, {"expand": [path]}).subscription is None
    else:
        with pytest.raises(sdk.InvalidRequestError, match="cannot be expanded"):
            retrieve(session, {"expand": [path]})


def test_filling_in_changes_nothing_that_is_stored(
    client: StripeClient, shop: Shop, once: str
) -> None:
    """The next reader, who does not ask, gets ids again."""
    bought = shop.buy(once)
    client.v1.payment_intents.retrieve(
        str(bought.payment_intent), {"expand": ["customer", "latest_charge"]}
    )

    intent = client.v1.payment_intents.retrieve(str(bought.payment_intent))

    assert intent.customer == bought.customer
