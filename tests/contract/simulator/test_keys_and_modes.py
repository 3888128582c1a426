"""Who may call, and what each key sees: test and live, one account and another."""

from __future__ import annotations

import httpx
import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.conftest import Connect


def test_without_a_key_nothing_is_shown(url: str) -> None:
    """401 in Stripe's error form."""
    answer = httpx.get(f"{url}/v1/customers", trust_env=False)

    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_key_that_nobody_knows_is_refused_and_not_repeated(connect: Connect) -> None:
    """The answer says that the key is wrong without saying the key."""
    with pytest.raises(sdk.AuthenticationError) as refused:
        connect("sk_test_stranger").v1.accounts.retrieve_current()

    assert "stranger" not in str(refused.value)


@pytest.mark.parametrize("key", ["sk_test_simulator", "rk_test_simulator"])
def test_a_test_key_makes_test_objects(connect: Connect, key: str) -> None:
    """`livemode` follows the key."""
    assert connect(key).v1.customers.create({}).livemode is False


@pytest.mark.parametrize("key", ["sk_live_simulator", "rk_live_simulator"])
def test_a_live_key_makes_live_objects(connect: Connect, key: str) -> None:
    """`livemode` follows the key."""
    assert connect(key).v1.customers.create({}).livemode is True


def test_a_test_sale_can_not_be_seen_with_a_live_key(
    connect: Connect, shop: Shop, once: str
) -> None:
    """The other mode's objects are not found, as if they had never been."""
    session = shop.buy(once).session

    with pytest.raises(sdk.InvalidRequestError) as refused:
        connect("sk_live_simulator").v1.checkout.sessions.retrieve(session)

    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_a_live_session_has_a_live_id(stripe: Stripe) -> None:
    """As people look at the id to see the mode."""
    shop = stripe.shop_of(livemode=True)

    assert shop.buy(shop.price("Editor", 100)).session.startswith("cs_live_")


def test_a_connected_account_sees_its_own_sales_only(stripe: Stripe, client: StripeClient) -> None:
    """The `Stripe-Account` header chooses whose books are read."""
    theirs = stripe.shop_of("acct_theirs").customer(email="a@example.com")
    options: sdk.RequestOptions = {"stripe_account": "acct_theirs"}

    assert client.v1.customers.retrieve(theirs, {}, options).email == "a@example.com"
    with pytest.raises(sdk.InvalidRequestError):
        client.v1.customers.retrieve(theirs)


def test_an_account_that_is_not_connected_is_refused(client: StripeClient) -> None:
    """403, not an empty shop."""
    with pytest.raises(sdk.PermissionError) as refused:
        client.v1.customers.list({}, {"stripe_account": "acct_unknown"})

    assert refused.value.http_status == 403
    assert '"code":"account_invalid"' in str(refused.value.http_body)


def test_events_of_a_connected_account_name_it(stripe: Stripe) -> None:
    """Events of one's own account don't carry `account`; others do."""
    theirs = stripe.shop_of("acct_theirs")
    theirs.customer()
    stripe.shop.customer()

    assert [event["account"] for event in theirs.events()] == ["acct_theirs"]
    assert "account" not in stripe.shop.events()[0]


def test_the_account_of_a_key_can_be_read(client: StripeClient, stripe: Stripe) -> None:
    """The cheapest way to see whether a key works."""
    assert client.v1.accounts.retrieve_current().id == stripe.account


def test_one_more_key_can_be_accepted(stripe: Stripe, connect: Connect) -> None:
    """For configurations that bring their own key."""
    stripe.add_key("rk_live_another")

    assert connect("rk_live_another").v1.customers.create({}).livemode is True


def test_a_key_without_a_mode_can_not_be_added(stripe: Stripe) -> None:
    """The prefix is what tells the mode."""
    with pytest.raises(ValueError, match="sk_test_"):
        stripe.add_key("secret")
