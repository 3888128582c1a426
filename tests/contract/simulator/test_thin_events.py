"""Thin events: a small copy that only says what to look at."""

from __future__ import annotations

import pytest
from stripe import StripeClient

from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.conftest import SECRET
from tests.contract.simulator.mailbox import Mailbox


@pytest.fixture
def thin(stripe: Stripe, url: str, mailbox: Mailbox) -> Mailbox:
    """A mailbox that gets the thin copy too."""
    assert url
    stripe.switch(thin=True)
    return mailbox


def test_a_thin_copy_follows_its_snapshot_and_names_it(
    shop: Shop, stripe: Stripe, thin: Mailbox
) -> None:
    """So that a receiver of both knows them for one."""
    customer = shop.customer()
    assert stripe.wait_until_idle()

    snapshot, copy = (one.event for one in thin.received)
    assert (copy["object"], copy["type"]) == ("v2.core.event", "v1.customer.created")
    assert copy["snapshot_event"] == snapshot["id"]
    assert copy["related_object"] == {
        "id": customer,
        "type": "customer",
        "url": f"/v1/customers/{customer}",
    }
    assert copy["id"] != snapshot["id"]


def test_stripes_own_client_reads_a_thin_copy_and_finds_its_object(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str, thin: Mailbox
) -> None:
    """Signature, type and the way to the object are what the SDK expects."""
    rented = shop.subscribe(monthly)
    assert stripe.wait_until_idle()
    paid = next(one for one in thin.received if one.event["type"] == "v1.invoice.paid")

    note = client.parse_event_notification(paid.body, paid.signature, SECRET)

    assert note.type == "v1.invoice.paid"
    assert note.related_object.id == rented.invoice
    assert note.fetch_related_object().status == "paid"


def test_thin_copies_can_come_alone(shop: Shop, stripe: Stripe, thin: Mailbox) -> None:
    """As for an endpoint that has moved over."""
    stripe.switch(thin_only=True)
    shop.customer()
    assert stripe.wait_until_idle()

    assert thin.types == ["v1.customer.created"]


def test_a_thin_copy_of_a_connected_account_names_it(stripe: Stripe, thin: Mailbox) -> None:
    """In `context`, where snapshots have `account`."""
    stripe.shop_of("acct_theirs").customer()
    assert stripe.wait_until_idle()

    snapshot, copy = (one.event for one in thin.received)
    assert (snapshot["account"], copy["context"]) == ("acct_theirs", "acct_theirs")
