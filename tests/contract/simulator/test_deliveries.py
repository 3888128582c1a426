"""Deliveries: signed, kept until they arrive, and disturbed only where a switch says so."""

from __future__ import annotations

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.conftest import SECRET
from tests.contract.simulator.mailbox import Mailbox, open_mailbox

pytestmark = pytest.mark.usefixtures("url")  # starts the sending


def arrive(stripe: Stripe) -> None:
    assert stripe.wait_until_idle(20), "the deliveries did not come to an end"


def test_a_delivery_is_accepted_by_stripes_own_check(
    shop: Shop, stripe: Stripe, mailbox: Mailbox
) -> None:
    """Signed with the secret, at the real time, whatever the simulator's clock says."""
    stripe.advance(days=400)
    shop.customer(email="a@example.com")
    arrive(stripe)

    (received,) = mailbox.received
    event = sdk.Webhook.construct_event(received.body, received.signature, SECRET)
    assert event.type == "customer.created"
    assert event.created == stripe.now


def test_a_wrong_secret_is_noticed(shop: Shop, stripe: Stripe, mailbox: Mailbox) -> None:
    """The signature is a real one."""
    shop.customer()
    arrive(stripe)

    received = mailbox.received[0]
    with pytest.raises(sdk.SignatureVerificationError):
        sdk.Webhook.construct_event(received.body, received.signature, "whsec_other")


def test_while_a_secret_is_rolled_both_sign(shop: Shop, stripe: Stripe) -> None:
    """A receiver with the old or with the new one accepts."""
    with open_mailbox() as box:
        stripe.deliver_to(box.url, "whsec_new", "whsec_old")
        shop.customer()
        arrive(stripe)
        (received,) = box.received

    for secret in ("whsec_new", "whsec_old"):
        assert sdk.Webhook.construct_event(received.body, received.signature, secret)


def test_deliveries_come_in_order_when_nothing_disturbs_them(
    shop: Shop, stripe: Stripe, mailbox: Mailbox, monthly: str
) -> None:
    """Which the real Stripe does not promise: see the shuffle switch."""
    shop.subscribe(monthly)
    arrive(stripe)

    assert mailbox.ids == [event["id"] for event in shop.events()]


def test_each_delivery_can_come_several_times(shop: Shop, stripe: Stripe, mailbox: Mailbox) -> None:
    """The same event, byte for byte."""
    stripe.switch(duplicate=3)
    shop.customer()
    arrive(stripe)

    assert len(mailbox.received) == 3
    assert len({one.body for one in mailbox.received}) == 1


def test_deliveries_can_come_in_any_order(
    shop: Shop, stripe: Stripe, mailbox: Mailbox, monthly: str
) -> None:
    """All of them arrive, in another order."""
    stripe.switch(shuffle=True)
    shop.subscribe(monthly)
    arrive(stripe)

    ids = [event["id"] for event in shop.events()]
    assert mailbox.ids != ids
    assert sorted(mailbox.ids) == sorted(ids)


def test_deliveries_can_be_held_back_and_released(
    shop: Shop, stripe: Stripe, mailbox: Mailbox, once: str
) -> None:
    """For crashes and questions at exactly the right moment."""
    arrive(stripe)
    mailbox.clear()
    stripe.switch(hold=True)
    shop.buy(once)
    arrive(stripe)
    before = list(mailbox.received)

    released = stripe.flush()
    arrive(stripe)

    assert (before, released, len(mailbox.received)) == ([], 5, 5)


def test_held_deliveries_can_be_released_in_any_order(
    shop: Shop, stripe: Stripe, mailbox: Mailbox, once: str
) -> None:
    """Across many purchases."""
    stripe.switch(hold=True, shuffle=True)
    for _ in range(5):
        shop.buy(once)
    held = [event["id"] for event in shop.events()][-25:]

    stripe.flush()
    arrive(stripe)

    arrived = [one for one in mailbox.ids if one in held]
    assert arrived != held
    assert sorted(arrived) == sorted(held)


def test_some_deliveries_can_be_lost(
    shop: Shop, stripe: Stripe, mailbox: Mailbox, client: StripeClient
) -> None:
    """They never come, and can still be listed."""
    stripe.switch(drop=0.5)
    for _ in range(40):
        shop.customer()
    arrive(stripe)

    assert 0 < len(mailbox.received) < 40
    assert len(list(client.v1.events.list({"limit": 100}).auto_paging_iter())) == 40


def test_deliveries_of_a_type_can_be_lost(
    shop: Shop, stripe: Stripe, mailbox: Mailbox, monthly: str
) -> None:
    """By pattern: here nothing of invoices arrives."""
    stripe.switch(drop_types=("invoice.*",))
    shop.subscribe(monthly)
    arrive(stripe)

    lost = {event["type"] for event in shop.events()} - set(mailbox.types)
    assert lost == {
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
    }


def test_a_delivery_can_be_late(shop: Shop, stripe: Stripe, mailbox: Mailbox) -> None:
    """What happens later may arrive earlier."""
    stripe.switch(delay_seconds=0.3)
    late = shop.customer()
    stripe.switch(delay_seconds=0)
    early = shop.customer()
    arrive(stripe)

    who = [one.event["data"]["object"]["id"] for one in mailbox.received]
    assert who == [early, late]


def test_a_refused_delivery_comes_again_with_a_fresh_signature(
    shop: Shop, stripe: Stripe, mailbox: Mailbox
) -> None:
    """Until it is accepted."""
    mailbox.refuse_next = 2
    shop.customer()
    arrive(stripe)

    assert (len(mailbox.refused), len(mailbox.received)) == (2, 1)
    (received,) = mailbox.received
    assert sdk.Webhook.construct_event(received.body, received.signature, SECRET)


def test_a_delivery_waits_for_a_receiver_that_is_down(shop: Shop, stripe: Stripe) -> None:
    """A closed port is no different from a refusal."""
    with open_mailbox() as box:
        gone = box.url
    stripe.deliver_to(gone, SECRET)

    shop.customer()

    assert stripe.wait_until_idle(0.2) is False
    assert stripe.world.outbox.counts()["waiting"] == 1


def test_an_event_can_be_sent_again_by_hand(shop: Shop, stripe: Stripe, mailbox: Mailbox) -> None:
    """As with "Resend" in the Dashboard: the same event id."""
    shop.customer()
    event = shop.events()[-1]["id"]

    shop.resend(event)
    arrive(stripe)

    assert mailbox.ids == [event, event]


def test_an_endpoint_gets_only_the_events_it_asked_for(
    shop: Shop, stripe: Stripe, once: str
) -> None:
    """Others are not sent to it."""
    with open_mailbox() as box:
        stripe.deliver_to(box.url, SECRET, events=("checkout.session.completed",))
        shop.buy(once)
        arrive(stripe)

    assert box.types == ["checkout.session.completed"]


def test_an_endpoint_needs_a_secret(stripe: Stripe) -> None:
    """An unsigned delivery is of no use to anybody."""
    with pytest.raises(ValueError, match="signing secret"):
        stripe.deliver_to("http://127.0.0.1:9/hook")
