"""Restricted keys: 403 in Stripe's words for what a key may not do, before 404."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

import httpx
import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.conftest import Connect

KEY = "rk_test_restricted_0123456789"


@pytest.fixture
def reader(stripe: Stripe, connect: Connect) -> StripeClient:
    """May read customers and change subscriptions, and no more."""
    stripe.add_key(KEY, ["rak_customer_read", "rak_subscription_write"])
    return connect(KEY)


def test_what_the_key_may_do_is_done(reader: StripeClient, shop: Shop) -> None:
    """Write includes read."""
    customer = shop.customer(email="a@example.com")

    assert reader.v1.customers.retrieve(customer).email == "a@example.com"
    assert reader.v1.subscriptions.list().data == []


def test_what_the_key_may_not_do_is_refused_in_stripes_words(
    reader: StripeClient, shop: Shop
) -> None:
    """403 with the permission that would help, the account, and the key behind stars."""
    customer = shop.customer(email="a@example.com")

    with pytest.raises(sdk.PermissionError) as refused:
        reader.v1.customers.update(customer, {"email": "b@example.com"})

    assert refused.value.http_status == 403
    assert refused.value.user_message == (
        "The provided key 'rk_test_***************456789' does not have the required permissions "
        "for this endpoint on account 'acct_1Simulator'. Having the 'rak_customer_write' "
        "permission would allow this request to continue."
    )
    assert shop.read(customer)["email"] == "a@example.com"


@pytest.mark.parametrize(
    ("path", "permission"),
    [
        ("/v1/account", "rak_accounts_kyc_basic_read"),
        ("/v1/charges", "rak_charge_read"),
        ("/v1/refunds", "rak_charge_read"),
        ("/v1/checkout/sessions", "rak_checkout_session_read"),
        ("/v1/disputes", "rak_dispute_read"),
        ("/v1/entitlements/features", "rak_entitlement_read"),
        ("/v1/events", "rak_event_read"),
        ("/v1/invoices", "rak_invoice_read"),
        ("/v1/invoice_payments", "rak_invoice_read"),
        ("/v1/payment_intents", "rak_payment_intent_read"),
        ("/v1/prices", "rak_plan_read"),
        ("/v1/products", "rak_product_read"),
        ("/v1/test_helpers/test_clocks", "rak_billing_clock_read"),
        ("/v1/webhook_endpoints", "rak_webhook_read"),
    ],
)
def test_each_kind_of_object_has_its_permission(
    reader: StripeClient, url: str, path: str, permission: str
) -> None:
    """Refunds belong to charges, and a price is still called a plan."""
    headers = {"Authorization": f"Bearer {KEY}"}

    answer = httpx.get(f"{url}{path}", headers=headers, trust_env=False)

    assert answer.status_code == 403
    assert f"'{permission}'" in answer.json()["error"]["message"]


def test_a_missing_permission_is_noticed_before_a_missing_object(reader: StripeClient) -> None:
    """So that a request which can change nothing tells whether it would be allowed."""
    with pytest.raises(sdk.PermissionError):
        reader.v1.invoices.update("in_none", {"metadata": {"a": "b"}})
    with pytest.raises(sdk.InvalidRequestError) as refused:
        reader.v1.subscriptions.update("sub_none", {"metadata": {"a": "b"}})

    assert refused.value.http_status == 404


def test_what_is_expanded_has_to_be_readable_too(
    reader: StripeClient, stripe: Stripe, shop: Shop, monthly: str
) -> None:
    """The customer may be read and the latest invoice may not."""
    rented = shop.subscribe(monthly).subscription
    assert rented is not None
    api = reader.v1.subscriptions

    assert api.retrieve(rented, {"expand": ["customer"]}).id == rented
    with pytest.raises(sdk.PermissionError, match="rak_invoice_read"):
        api.retrieve(rented, {"expand": ["latest_invoice"]})


def test_permissions_are_given_and_taken_over_http(
    http: httpx.Client, reader: StripeClient
) -> None:
    """For a simulator in a process of its own."""
    body = {"key": KEY, "permissions": ["rak_event_read"]}

    assert http.post("/_simulator/key", json=body).status_code == 200

    assert reader.v1.events.list().data == []
    with pytest.raises(sdk.PermissionError):
        reader.v1.customers.list()


@pytest.mark.parametrize(
    ("key", "permissions"),
    [("sk_test_x", ["rak_event_read"]), ("rk_test_x", ["event_read"]), ("key", [])],
)
def test_permissions_that_make_no_sense_are_refused(
    stripe: Stripe, key: str, permissions: list[str]
) -> None:
    """A secret key may do everything, and a permission has a name."""
    with pytest.raises(ValueError, match=r"key|permission"):
        stripe.add_key(key, permissions)


def test_every_answer_says_the_real_time(http: httpx.Client, stripe: Stripe) -> None:
    """Also while the shop lives elsewhere in time; a switch puts it wrong."""

    def ahead_seconds() -> float:
        answered = http.get("/v1/account").headers.get_list("date")
        assert len(answered) == 1
        return parsedate_to_datetime(answered[0]).timestamp() - time.time()

    assert abs(ahead_seconds()) < 30
    stripe.switch(skew_seconds=-600)
    assert -630 < ahead_seconds() < -570
