"""Refunds that take their time, and those that come back."""

from __future__ import annotations

import pytest
from stripe import StripeClient

from simulator.errors import StripeFault
from simulator.shop import Shop


@pytest.fixture
def intent(shop: Shop, once: str) -> str:
    """A paid purchase of 49.00."""
    return str(shop.buy(once).payment_intent)


def given_back(client: StripeClient, intent: str) -> tuple[int, bool]:
    """What its charge says: how much, and whether that was all."""
    (charge,) = client.v1.charges.list({"payment_intent": intent}).data
    return charge.amount_refunded, charge.refunded


def told(shop: Shop, start: int) -> list[str]:
    return [event["type"] for event in shop.events()[start:]]


def test_a_refund_on_its_way_already_counts(client: StripeClient, shop: Shop, intent: str) -> None:
    """The money has left the seller."""
    before = len(shop.events())

    refund = shop.refund(payment_intent=intent, pending=True)

    assert client.v1.refunds.retrieve(refund).status == "pending"
    assert given_back(client, intent) == (4900, True)
    assert told(shop, before) == ["refund.created", "charge.refunded"]


def test_a_refund_on_its_way_arrives(client: StripeClient, shop: Shop, intent: str) -> None:
    """Two events say the same: a newer and an older name."""
    refund = shop.refund(payment_intent=intent, pending=True)
    before = len(shop.events())

    shop.settle_refund(refund)

    assert client.v1.refunds.retrieve(refund).status == "succeeded"
    assert told(shop, before) == ["refund.updated", "charge.refund.updated"]
    assert [one["data"]["previous_attributes"] for one in shop.events()[before:]] == [
        {"status": "pending"},
        {"status": "pending"},
    ]


def test_a_failed_refund_leaves_the_sale_paid(
    client: StripeClient, shop: Shop, intent: str
) -> None:
    """The bank sent the money back, so the charge counts it no more."""
    refund = shop.refund(payment_intent=intent)
    before = len(shop.events())

    shop.fail_refund(refund)

    failed = client.v1.refunds.retrieve(refund)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert given_back(client, intent) == (0, False)
    assert told(shop, before) == ["refund.updated", "charge.refund.updated", "refund.failed"]


def test_of_two_refunds_one_may_fail(client: StripeClient, shop: Shop, intent: str) -> None:
    """What the other gave back stays given back."""
    shop.refund(payment_intent=intent, amount=1900)
    second = shop.refund(payment_intent=intent, amount=3000)

    shop.fail_refund(second)

    assert given_back(client, intent) == (1900, False)


def test_a_refund_fails_only_once(shop: Shop, intent: str) -> None:
    """Or the charge would have more than was paid."""
    refund = shop.refund(payment_intent=intent)
    shop.fail_refund(refund)

    with pytest.raises(StripeFault, match="is failed already"):
        shop.fail_refund(refund)
    with pytest.raises(StripeFault, match="not pending"):
        shop.settle_refund(refund)
