"""Sessions opened through the API, as a seller's web shop does, and paid or left."""

from __future__ import annotations

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop


def open_session(client: StripeClient, price: str, mode: str = "payment", **more: object) -> str:
    params = {"mode": mode, "line_items": [{"price": price, "quantity": 2}], **more}
    return client.v1.checkout.sessions.create(params).id  # type: ignore[arg-type]


def test_an_opened_session_waits_for_its_buyer(client: StripeClient, shop: Shop, once: str) -> None:
    """It has a page to go to, and is not paid."""
    session = shop.read(open_session(client, once))

    assert (session["status"], session["payment_status"]) == ("open", "unpaid")
    assert session["url"].startswith("https://checkout.stripe.com/")


def test_an_opened_session_can_be_paid(client: StripeClient, shop: Shop, once: str) -> None:
    """By a guest, unless the shop asked for a customer."""
    session = open_session(client, once)

    bought = shop.pay(session)

    assert bought.customer is None
    assert shop.read(session)["amount_total"] == 9800


def test_a_shop_may_ask_for_a_customer(client: StripeClient, shop: Shop, once: str) -> None:
    """`customer_creation=always`."""
    session = open_session(
        client, once, customer_creation="always", customer_email="ada@example.com"
    )

    bought = shop.pay(session)

    assert shop.read(str(bought.customer))["email"] == "ada@example.com"


def test_a_subscription_gets_the_metadata_meant_for_it(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """`subscription_data[metadata]` is the only way there."""
    data = {"metadata": {"tenant": "t1"}}
    session = open_session(client, monthly, "subscription", subscription_data=data)

    bought = shop.pay(session)

    assert shop.read(str(bought.subscription))["metadata"] == {"tenant": "t1"}


def test_an_open_session_can_expire(client: StripeClient, shop: Shop, once: str) -> None:
    """And is told as expired; it can't be paid any more."""
    session = open_session(client, once)

    client.v1.checkout.sessions.expire(session)

    assert shop.events()[-1]["type"] == "checkout.session.expired"
    with pytest.raises(Exception, match="is expired, not open"):
        shop.pay(session)


def test_a_paid_session_can_not_expire(client: StripeClient, shop: Shop, once: str) -> None:
    """What is complete stays complete."""
    session = shop.buy(once).session

    with pytest.raises(sdk.InvalidRequestError, match="can be expired"):
        client.v1.checkout.sessions.expire(session)


def test_lines_of_a_session_come_in_pages(client: StripeClient, shop: Shop) -> None:
    """In the order of the session, first line first."""
    prices = [shop.price(f"Part {number}", 100) for number in range(13)]
    session = shop.buy(prices).session

    first = client.v1.checkout.sessions.line_items.list(session)
    everything = client.v1.checkout.sessions.line_items.list(session, {"limit": 6})

    assert (len(first.data), first.has_more) == (10, True)
    found = [line.to_dict()["price"]["id"] for line in everything.auto_paging_iter()]
    assert found == prices


def test_lines_of_an_unknown_session_are_not_found(client: StripeClient) -> None:
    """404, and not an empty list."""
    with pytest.raises(sdk.InvalidRequestError) as refused:
        client.v1.checkout.sessions.line_items.list("cs_test_none")

    assert refused.value.http_status == 404


def test_a_session_is_found_by_its_payment_intent(
    client: StripeClient, shop: Shop, once: str
) -> None:
    """The way back from a charge to what was sold."""
    bought = shop.buy(once)
    shop.buy(once)

    page = client.v1.checkout.sessions.list({"payment_intent": str(bought.payment_intent)})

    assert [one.id for one in page.data] == [bought.session]
