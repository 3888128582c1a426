"""A buyer's bank takes the money back, or only asks."""

from __future__ import annotations

from typing import Any

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop


@pytest.fixture
def intent(shop: Shop, once: str) -> str:
    """A paid purchase of 49.00."""
    return str(shop.buy(once).payment_intent)


def told(shop: Shop, start: int) -> list[tuple[str, str]]:
    """The events from there on, and the status that each shows."""
    return [(one["type"], one["data"]["object"]["status"]) for one in shop.events()[start:]]


def read(client: StripeClient, dispute: str) -> dict[str, Any]:
    return client.v1.disputes.retrieve(dispute).to_dict()


def test_a_dispute_takes_the_money_at_once(client: StripeClient, shop: Shop, intent: str) -> None:
    """And the charge says that it was disputed."""
    before = len(shop.events())

    dispute = read(client, shop.dispute(intent))

    charge = client.v1.charges.retrieve(dispute["charge"]).to_dict()
    assert (charge["disputed"], "dispute" in charge) == (True, False)
    assert (dispute["status"], dispute["amount"], dispute["payment_intent"]) == (
        "needs_response",
        4900,
        intent,
    )
    assert [row["net"] for row in dispute["balance_transactions"]] == [-6400]
    assert told(shop, before) == [
        ("charge.dispute.created", "needs_response"),
        ("charge.dispute.funds_withdrawn", "needs_response"),
    ]


def test_a_warning_takes_nothing(client: StripeClient, shop: Shop, intent: str) -> None:
    """The bank only asks, and the seller may still refund."""
    before = len(shop.events())

    dispute = read(client, shop.dispute(intent, warning=True))

    assert (dispute["status"], dispute["balance_transactions"]) == ("warning_needs_response", [])
    assert dispute["is_charge_refundable"] is True
    assert told(shop, before) == [("charge.dispute.created", "warning_needs_response")]


@pytest.mark.parametrize(
    ("outcome", "events"),
    [
        ("won", [("charge.dispute.closed", "won"), ("charge.dispute.funds_reinstated", "won")]),
        ("lost", [("charge.dispute.closed", "lost")]),
    ],
)
def test_a_dispute_ends_won_or_lost(
    shop: Shop, intent: str, outcome: str, events: list[tuple[str, str]]
) -> None:
    """Only what is won comes back; the charge stays disputed for ever."""
    dispute = shop.dispute(intent)
    before = len(shop.events())

    shop.close_dispute(dispute, outcome)

    assert told(shop, before) == events
    assert shop.read(shop.read(dispute)["charge"])["disputed"] is True
    assert shop.events()[before]["data"]["previous_attributes"] == {"status": "needs_response"}


def test_a_warning_is_closed_without_money(shop: Shop, intent: str) -> None:
    """Nothing was taken, so nothing comes back."""
    dispute = shop.dispute(intent, warning=True)
    before = len(shop.events())

    shop.close_dispute(dispute, "warning_closed")

    assert told(shop, before) == [("charge.dispute.closed", "warning_closed")]


@pytest.mark.parametrize(("warning", "status"), [(False, "won"), (True, "warning_closed")])
def test_a_withdrawn_dispute_has_no_status_of_its_own(
    shop: Shop, intent: str, warning: bool, status: str
) -> None:
    """It ends as won, and a warning as closed."""
    dispute = shop.dispute(intent, warning=warning)

    shop.withdraw_dispute(dispute)

    assert shop.read(dispute)["status"] == status


@pytest.mark.parametrize("outcome", ["warning_closed", "needs_response", "over"])
def test_a_dispute_ends_only_as_disputes_end(shop: Shop, intent: str, outcome: str) -> None:
    """A typo in a story is refused."""
    dispute = shop.dispute(intent)

    with pytest.raises(Exception, match="can't become"):
        shop.close_dispute(dispute, outcome)


def test_evidence_puts_a_dispute_under_review(
    client: StripeClient, shop: Shop, intent: str
) -> None:
    """Through the API, as a seller's own tool does."""
    dispute = shop.dispute(intent)

    client.v1.disputes.update(dispute, {"evidence": {"product_description": "An editor"}})

    now = read(client, dispute)
    assert (now["status"], now["evidence"]["product_description"]) == ("under_review", "An editor")
    assert told(shop, len(shop.events()) - 1) == [("charge.dispute.updated", "under_review")]


def test_giving_in_loses_a_dispute(client: StripeClient, shop: Shop, intent: str) -> None:
    """`close` is the seller's word, not the bank's."""
    closed = client.v1.disputes.close(shop.dispute(intent))

    assert closed.status == "lost"


def test_what_the_bank_took_can_not_be_refunded_as_well(
    client: StripeClient, shop: Shop, intent: str
) -> None:
    """With Stripe's code for it."""
    shop.dispute(intent)

    with pytest.raises(sdk.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent})

    assert refused.value.code == "charge_disputed"


def test_disputes_are_found_by_what_they_are_about(
    client: StripeClient, shop: Shop, once: str, intent: str
) -> None:
    """By charge or by payment intent; another sale's are not among them."""
    dispute = shop.dispute(charge=shop.read(intent)["latest_charge"])
    shop.dispute(shop.buy(once).payment_intent)
    charge = shop.read(dispute)["charge"]

    by_charge = client.v1.disputes.list({"charge": charge}).data
    by_intent = client.v1.disputes.list({"payment_intent": intent}).data

    assert [one.id for one in by_charge] == [one.id for one in by_intent] == [dispute]
