"""Money goes back: all of it, or some."""

from __future__ import annotations

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop


def charge_of(shop: Shop, intent: str | None) -> dict[str, object]:
    return shop.read(shop.read(str(intent))["latest_charge"])


def test_a_full_refund_marks_the_charge_refunded(
    client: StripeClient, shop: Shop, once: str
) -> None:
    """And the event says what it was before."""
    bought = shop.buy(once)

    refund = client.v1.refunds.create({"payment_intent": str(bought.payment_intent)})

    charge, event = charge_of(shop, bought.payment_intent), shop.events()[-1]
    assert (refund.amount, refund.status) == (4900, "succeeded")
    assert (charge["refunded"], charge["amount_refunded"]) == (True, 4900)
    assert (event["type"], event["data"]["previous_attributes"]) == (
        "charge.refunded",
        {"amount_refunded": 0, "refunded": False},
    )


def test_partial_refunds_add_up(client: StripeClient, shop: Shop, once: str) -> None:
    """Only with the last one is the charge refunded."""
    bought = shop.buy(once)
    intent = str(bought.payment_intent)

    shop.refund(payment_intent=intent, amount=1900)
    partly = charge_of(shop, intent)
    shop.refund(payment_intent=intent, amount=3000)

    assert (partly["refunded"], partly["amount_refunded"]) == (False, 1900)
    assert charge_of(shop, intent)["refunded"] is True
    found = client.v1.refunds.list({"payment_intent": intent}).data
    assert [one.amount for one in found] == [3000, 1900]


def test_no_more_can_be_given_back_than_was_paid(
    client: StripeClient, shop: Shop, once: str
) -> None:
    """Refused, and the charge stays as it was."""
    intent = str(shop.buy(once).payment_intent)

    with pytest.raises(sdk.InvalidRequestError, match="can't be made"):
        client.v1.refunds.create({"payment_intent": intent, "amount": 5000})

    assert charge_of(shop, intent)["amount_refunded"] == 0


def test_what_was_given_back_can_not_be_given_back_again(
    client: StripeClient, shop: Shop, once: str
) -> None:
    """With Stripe's code for it."""
    intent = str(shop.buy(once).payment_intent)
    shop.refund(payment_intent=intent)

    with pytest.raises(sdk.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent})

    assert refused.value.code == "charge_already_refunded"


def test_a_refund_needs_something_to_refund(client: StripeClient) -> None:
    """A charge or a payment intent."""
    with pytest.raises(sdk.InvalidRequestError) as refused:
        client.v1.refunds.create({})

    assert refused.value.code == "parameter_missing"


def test_refunds_of_a_charge_come_on_demand(client: StripeClient, shop: Shop, once: str) -> None:
    """By expansion, or as a list below the charge."""
    charge = str(charge_of(shop, shop.buy(once).payment_intent)["id"])
    refund = shop.refund(charge=charge)

    expanded = client.v1.charges.retrieve(charge, {"expand": ["refunds"]}).to_dict()

    assert [one["id"] for one in expanded["refunds"]["data"]] == [refund]
