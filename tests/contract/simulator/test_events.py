"""Events can be listed afterwards: the way to find what was missed."""

from __future__ import annotations

import pytest
from stripe import StripeClient

from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.mailbox import Mailbox


def listed(client: StripeClient, **filters: object) -> list[str]:
    pages = client.v1.events.list(filters)  # type: ignore[arg-type]
    return [event.type for event in pages.auto_paging_iter()]


def test_events_are_listed_newest_first(client: StripeClient, shop: Shop, once: str) -> None:
    """All that happened, also what was never delivered."""
    shop.buy(once)

    assert listed(client)[:2] == ["checkout.session.completed", "charge.succeeded"]


def test_events_after_a_known_one_come_oldest_first(
    client: StripeClient, shop: Shop, once: str
) -> None:
    """`ending_before` the last good one: a sweep reads on from there."""
    shop.buy(once)
    last = shop.events()[-1]["id"]
    shop.customer()
    shop.customer()

    assert listed(client, ending_before=last) == ["customer.created", "customer.created"]


def test_events_can_be_narrowed_to_types(client: StripeClient, shop: Shop, once: str) -> None:
    """Only those that matter."""
    shop.buy(once)
    wanted = ["checkout.session.completed", "customer.created"]

    assert listed(client, types=wanted) == wanted


def test_events_can_be_narrowed_to_a_time(client: StripeClient, shop: Shop, stripe: Stripe) -> None:
    """`created[gte]`, in the simulator's time."""
    shop.customer()
    moment = stripe.advance(days=1)
    shop.customer()

    assert len(listed(client, created={"gte": moment})) == 1
    assert len(listed(client, created={"lt": moment})) == 1


def test_an_event_is_kept_for_thirty_days(client: StripeClient, shop: Shop, stripe: Stripe) -> None:
    """After that it is in no list."""
    shop.customer()
    stripe.advance(days=30)
    kept = listed(client)

    stripe.advance(seconds=1)

    assert (kept, listed(client)) == (["customer.created"], [])


def test_an_event_shows_its_object_as_it_was(client: StripeClient, shop: Shop) -> None:
    """Frozen: later changes don't show in it."""
    customer = shop.customer(email="old@example.com")
    event = shop.events()[-1]["id"]
    client.v1.customers.update(customer, {"email": "new@example.com"})

    payload = client.v1.events.retrieve(event).to_dict()

    assert payload["data"]["object"]["email"] == "old@example.com"


def test_what_was_not_delivered_can_be_listed(
    client: StripeClient, shop: Shop, stripe: Stripe, mailbox: Mailbox
) -> None:
    """`delivery_success=false` finds what was lost on the way."""
    shop.customer()
    assert stripe.wait_until_idle()
    stripe.switch(drop=1.0)
    shop.customer()
    lost = shop.events()[-1]["id"]

    found = client.v1.events.list({"delivery_success": False})

    assert [event.id for event in found.data] == [lost]


@pytest.mark.parametrize("version", ["2026-10-28.endive"])
def test_an_event_says_in_which_version_it_is_written(shop: Shop, version: str) -> None:
    """The version that the worker reads with."""
    shop.customer()

    assert shop.events()[-1]["api_version"] == version
