"""Webhook endpoints through Stripe's own client: what is registered is what deliveries obey."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stripe as sdk
from stripe import StripeClient, WebhookEndpoint

from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.conftest import Connect
from tests.contract.simulator.mailbox import Mailbox, open_mailbox


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A mailbox that no endpoint leads to yet."""
    with open_mailbox() as box:
        yield box


@pytest.fixture
def made(client: StripeClient, box: Mailbox) -> WebhookEndpoint:
    """An endpoint that hears of new customers."""
    return client.v1.webhook_endpoints.create(
        {"url": box.url, "enabled_events": ["customer.created"]}
    )


def heard(stripe: Stripe, box: Mailbox) -> list[str]:
    assert stripe.wait_until_idle()
    return box.types


def test_what_happens_is_delivered_to_it_signed_with_its_own_secret(
    stripe: Stripe, shop: Shop, box: Mailbox, made: WebhookEndpoint
) -> None:
    """The secret that creation showed verifies by Stripe's own rules."""
    shop.customer(email="a@example.com")

    assert heard(stripe, box) == ["customer.created"]
    (received,) = box.received
    assert made.secret is not None
    sdk.WebhookSignature.verify_header(received.body.decode(), received.signature, made.secret)


def test_only_creation_shows_the_secret(client: StripeClient, made: WebhookEndpoint) -> None:
    """Whoever loses it has to roll it."""
    api = client.v1.webhook_endpoints

    assert str(made.secret).startswith("whsec_")
    assert "secret" not in api.retrieve(made.id).to_dict()
    assert "secret" not in api.update(made.id, {"description": "ours"}).to_dict()


def test_it_hears_of_what_it_was_changed_to(
    client: StripeClient, stripe: Stripe, shop: Shop, box: Mailbox, made: WebhookEndpoint
) -> None:
    """From then on, and with the same secret."""
    client.v1.webhook_endpoints.update(made.id, {"enabled_events": ["price.created"]})
    shop.customer()
    shop.price("Editor", 100)

    assert heard(stripe, box) == ["price.created"]
    secret = str(made.secret)
    received = box.received[0]
    sdk.WebhookSignature.verify_header(received.body.decode(), received.signature, secret)


def test_a_disabled_endpoint_hears_nothing_until_it_is_enabled_again(
    client: StripeClient, stripe: Stripe, shop: Shop, box: Mailbox, made: WebhookEndpoint
) -> None:
    """What happened meanwhile is not delivered afterwards."""
    api = client.v1.webhook_endpoints
    off = api.update(made.id, {"disabled": True})
    shop.customer()
    assert heard(stripe, box) == []

    on = api.update(made.id, {"disabled": False})
    shop.customer()

    assert (off.status, on.status) == ("disabled", "enabled")
    assert heard(stripe, box) == ["customer.created"]


def test_a_deleted_endpoint_is_gone(
    client: StripeClient, stripe: Stripe, shop: Shop, box: Mailbox, made: WebhookEndpoint
) -> None:
    """It hears nothing and is listed no more."""
    gone = client.v1.webhook_endpoints.delete(made.id)
    shop.customer()

    assert gone.to_dict() == {"id": made.id, "object": "webhook_endpoint", "deleted": True}
    assert client.v1.webhook_endpoints.list().data == []
    assert heard(stripe, box) == []


def test_it_hears_of_its_own_mode_only(
    connect: Connect, stripe: Stripe, box: Mailbox, made: WebhookEndpoint
) -> None:
    """Live and test mode have endpoints of their own."""
    stripe.shop_of(livemode=True).customer()

    assert heard(stripe, box) == []
    assert connect("sk_live_simulator").v1.webhook_endpoints.list().data == []


@pytest.mark.parametrize("of_connected", [False, True])
def test_an_endpoint_hears_of_connected_accounts_or_of_its_own(
    client: StripeClient, stripe: Stripe, box: Mailbox, of_connected: bool
) -> None:
    """Never of both: a platform registers two."""
    made = client.v1.webhook_endpoints.create(
        {"url": box.url, "enabled_events": ["*"], "connect": of_connected}
    )
    stripe.shop_of("acct_theirs").customer()
    stripe.shop.customer()

    assert heard(stripe, box) == ["customer.created"]
    assert (box.received[0].event.get("account") == "acct_theirs") is of_connected
    assert (made.application is not None) is of_connected


def test_an_endpoint_of_the_simulators_own_is_listed_and_changed_like_any(
    client: StripeClient, stripe: Stripe, shop: Shop, box: Mailbox
) -> None:
    """`deliver_to` and `--webhook-url` register one that hears of all shops."""
    stripe.deliver_to(box.url, "whsec_x")
    stripe.shop_of("acct_theirs", livemode=True).customer()
    assert heard(stripe, box) == ["customer.created"]

    (listed,) = client.v1.webhook_endpoints.list().data
    client.v1.webhook_endpoints.update(listed.id, {"disabled": True})
    shop.customer()

    assert (listed.url, listed.enabled_events) == (box.url, ["*"])
    assert len(heard(stripe, box)) == 1


def test_forgotten_endpoints_hear_nothing(
    client: StripeClient, stripe: Stripe, shop: Shop, box: Mailbox, made: WebhookEndpoint
) -> None:
    """A test that moves the receiver starts over."""
    stripe.forget_endpoints()
    shop.customer()

    assert client.v1.webhook_endpoints.list().data == []
    assert heard(stripe, box) == []


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"enabled_events": ["*"]}, "url"),
        ({"url": "licenses.example.com", "enabled_events": ["*"]}, "url"),
        ({"url": "http://127.0.0.1:9/hook"}, "enabled_events"),
        ({"url": "http://127.0.0.1:9/hook", "enabled_events": "*"}, "enabled_events"),
        ({"url": "http://127.0.0.1:9/hook", "enabled_events": ["*"], "colour": "1"}, "colour"),
    ],
)
def test_an_endpoint_that_makes_no_sense_is_refused(
    client: StripeClient, wrong: dict[str, object], param: str
) -> None:
    """With the parameter that is wrong, and nothing is registered."""
    with pytest.raises(sdk.InvalidRequestError) as refused:
        client.v1.webhook_endpoints.create(wrong)  # type: ignore[arg-type]

    assert refused.value.param == param
    assert client.v1.webhook_endpoints.list().data == []
