"""Payments without a checkout or an invoice."""

from __future__ import annotations

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.errors import StripeFault
from simulator.shop import Shop


def told(shop: Shop) -> list[str]:
    return [event["type"] for event in shop.events()]


@pytest.mark.parametrize(
    ("outcome", "status", "events"),
    [
        ("succeeded", "succeeded", ["payment_intent.succeeded", "charge.succeeded"]),
        ("failed", "requires_payment_method", ["payment_intent.payment_failed", "charge.failed"]),
        ("canceled", "canceled", ["payment_intent.canceled"]),
        ("processing", "processing", ["payment_intent.processing"]),
    ],
)
def test_a_payment_ends_as_the_story_wants(
    client: StripeClient, shop: Shop, outcome: str, status: str, events: list[str]
) -> None:
    """Its metadata say what was bought, from the first event on."""
    sold = {"price": "price_1", "quantity": "2"}

    intent = shop.payment_intent(9800, metadata=sold, outcome=outcome)

    now = client.v1.payment_intents.retrieve(intent)
    assert (now.status, now.amount, now.metadata.to_dict()) == (status, 9800, sold)
    assert told(shop) == ["payment_intent.created", *events]
    assert shop.events()[0]["data"]["object"]["metadata"] == sold


@pytest.mark.parametrize(
    ("succeed", "status"), [(True, "succeeded"), (False, "requires_payment_method")]
)
def test_a_payment_under_way_arrives_or_fails(shop: Shop, succeed: bool, status: str) -> None:
    """Days later, and only once."""
    intent = shop.payment_intent(100, outcome="processing")

    shop.settle_payment(intent, succeed=succeed)

    assert shop.read(intent)["status"] == status
    with pytest.raises(StripeFault, match="not processing"):
        shop.settle_payment(intent)


def test_a_payment_may_be_a_known_customers(client: StripeClient, shop: Shop) -> None:
    """And fails when that customer's card does."""
    customer = shop.customer(email="ada@example.com")
    paid = shop.payment_intent(100, customer=customer)
    shop.fail_payments(customer)

    declined = shop.payment_intent(100, customer=customer)

    found = client.v1.payment_intents.list({"customer": customer}).data
    assert [(one.id, one.status) for one in found] == [
        (declined, "requires_payment_method"),
        (paid, "succeeded"),
    ]


def test_a_payment_goes_the_way_of_the_api(client: StripeClient) -> None:
    """Made, confirmed, paid."""
    made = client.v1.payment_intents.create({"amount": 4900, "currency": "usd"})

    paid = client.v1.payment_intents.confirm(made.id, {"payment_method": "pm_card_visa"})

    assert (made.status, paid.status) == ("requires_payment_method", "succeeded")
    assert (paid.amount_received, str(paid.latest_charge)[:3]) == (4900, "ch_")


def test_a_declined_card_can_be_followed_by_another(client: StripeClient) -> None:
    """402 first; the same payment is paid in the end."""
    made = client.v1.payment_intents.create({"amount": 4900, "currency": "usd"})
    confirm = client.v1.payment_intents.confirm

    with pytest.raises(sdk.CardError) as refused:
        confirm(made.id, {"payment_method": "pm_card_chargeDeclined"})

    assert refused.value.code == "card_declined"
    assert confirm(made.id, {"payment_method": "pm_card_visa"}).status == "succeeded"


def test_a_canceled_payment_is_over(client: StripeClient, shop: Shop) -> None:
    """It can be neither confirmed nor canceled again."""
    made = client.v1.payment_intents.create(
        {"amount": 4900, "currency": "usd", "payment_method": "pm_card_visa"}
    )
    canceled = client.v1.payment_intents.cancel(made.id, {"cancellation_reason": "abandoned"})

    with pytest.raises(sdk.InvalidRequestError, match="can't be confirmed"):
        client.v1.payment_intents.confirm(made.id)
    with pytest.raises(sdk.InvalidRequestError, match="cannot cancel"):
        client.v1.payment_intents.cancel(made.id)
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")


def test_a_payment_without_a_method_can_not_be_confirmed(client: StripeClient) -> None:
    """As with Stripe."""
    made = client.v1.payment_intents.create({"amount": 4900, "currency": "usd"})

    with pytest.raises(sdk.InvalidRequestError, match="missing a payment method"):
        client.v1.payment_intents.confirm(made.id)


def test_a_story_with_an_unknown_end_is_refused(shop: Shop) -> None:
    """A typo must not pass."""
    with pytest.raises(ValueError, match="not paid"):
        shop.payment_intent(100, outcome="paid")
