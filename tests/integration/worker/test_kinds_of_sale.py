"""Sales of every kind and from every hint, carried out over real HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.orders import Purchase
from tests.worlds.licensekit import Policy, Record
from tests.worlds.world import MONTH, Event, World


def only_license(world: World, policy: Policy) -> Record:
    (license_,) = world.books.licenses(policy.product_id)
    assert world.books.accepts(world.key_of(license_["id"]))
    return license_


def test_pain_14_a_guest_gets_a_license_and_a_customer_record_of_the_session(
    world: World,
) -> None:
    """Two guests with one address are two."""
    price, policy = world.price()
    sold = [world.stripe.shop.buy(price, guest=True, email="eve@example.com") for _ in range(2)]

    world.hear_all()

    licenses = world.books.licenses(policy.product_id)
    assert [one["status"] for one in licenses] == ["active", "active"]
    assert {one["code"] for one in world.books.customers()} == {sale.session for sale in sold}


def test_pain_02_a_buyer_who_buys_the_same_thing_twice_gets_two_licenses(world: World) -> None:
    """A repeat of an event is no purchase; a second purchase is one, whoever makes it."""
    price, policy = world.price()
    customer = world.stripe.shop.customer(email="ada@example.com")
    for _ in range(2):
        world.stripe.shop.buy(price, customer=customer)

    world.hear_all()
    world.hear_all()

    licenses = world.books.licenses(policy.product_id)
    assert [one["status"] for one in licenses] == ["active", "active"]
    assert len({one["customer_id"] for one in licenses}) == 1


def test_pain_12_a_full_coupon_brings_a_license_without_any_payment(world: World) -> None:
    """There is no payment intent to write to, and none is missed."""
    price, policy = world.price()
    sale = world.stripe.shop.buy(price, discount_percent=100)

    world.hear_all()

    license_ = only_license(world, policy)
    assert sale.payment_intent is None
    assert world.metadata(sale.session)["licensekit_license_ids"] == license_["id"]


def test_pain_12_a_free_subscription_brings_a_license_to_its_period_end(world: World) -> None:
    """Its invoice over nothing is paid."""
    price, policy = world.price("subscription", recurring=MONTH)
    world.stripe.shop.subscribe(price, discount_percent=100)

    world.hear_all()

    assert only_license(world, policy)["expires_at"] is not None


def test_pain_13_a_slow_payment_brings_its_license_when_the_money_is_there(world: World) -> None:
    """Not before, and by the event that tells of the money."""
    price, policy = world.price()
    sale = world.stripe.shop.buy(price, unpaid=True)
    world.hear_all()
    assert world.books.licenses(policy.product_id) == []
    assert world.problems() == []

    world.stripe.shop.settle(sale.session)
    world.hear_all()

    only_license(world, policy)


def test_a_first_payment_that_failed_brings_nothing_until_it_is_paid(world: World) -> None:
    """An incomplete subscription holds nothing."""
    price, policy = world.price("subscription", recurring=MONTH)
    customer = world.stripe.shop.customer(email="ada@example.com")
    world.stripe.shop.fail_payments(customer)
    sale = world.stripe.shop.subscribe(price, customer=customer)
    world.hear_all()
    assert world.books.licenses(policy.product_id) == []

    world.stripe.shop.unfail(customer)
    assert world.stripe.shop.pay_invoice(str(sale.invoice))
    world.hear_all()

    only_license(world, policy)


def test_a_renewal_that_was_not_paid_moves_nothing(world: World) -> None:
    """The license runs to its paid end; the record says past due."""
    price, policy = world.price("subscription", recurring=MONTH)
    customer = world.stripe.shop.customer(email="ada@example.com")
    world.stripe.shop.subscribe(price, customer=customer)
    world.hear_all()
    paid_until = only_license(world, policy)["expires_at"]

    world.stripe.shop.fail_payments(customer)
    world.stripe.advance(days=31, seconds=7200)
    world.hear_all()

    (record,) = world.books.subscriptions(policy.product_id)
    assert only_license(world, policy)["expires_at"] == paid_until
    assert record["status"] == "past_due"


def as_old_as_can_be(event: Event) -> Event:
    """The same event as an endpoint of 2019 would send it, with nothing in it but ids."""
    found = event["data"]["object"]
    bare = {"id": found["id"], "object": found["object"], "subscription": None}
    return {**event, "api_version": "2019-02-19", "data": {"object": bare}}


def test_pain_07_what_the_payload_says_and_in_which_version_makes_no_difference(
    world: World,
) -> None:
    """Only the object's id is taken from it."""
    price, policy = world.price("subscription", recurring=MONTH)
    sale = world.stripe.shop.subscribe(price)
    told = [e for e in world.events(sale.subscription) if e["type"].startswith("customer.sub")]

    world.tell([as_old_as_can_be(event) for event in told])
    world.run()

    only_license(world, policy)


FIRST_HEARD = {
    "the session": "checkout.session.completed",
    "the subscription": "customer.subscription.created",
    "the invoice": "invoice.paid",
    "the payment of the invoice": "invoice_payment.paid",
}


def told_of(world: World, sale: Purchase, event_type: str) -> list[dict[str, Any]]:
    found = world.events(sale.subscription, sale.invoice)
    return [event for event in found if event["type"] == event_type]


@pytest.mark.parametrize("heard", FIRST_HEARD)
def test_pain_01_any_one_event_is_enough_to_bring_the_whole_sale(world: World, heard: str) -> None:
    """Whichever comes first, alone or not, the sale is read as it stands now."""
    price, policy = world.price("subscription", recurring=MONTH)
    sale = world.stripe.shop.subscribe(price)

    world.tell(told_of(world, sale, FIRST_HEARD[heard]))
    world.run()

    license_ = only_license(world, policy)
    assert world.metadata(sale.session)["licensekit_license_ids"] == license_["id"]
    assert world.metadata(sale.invoice)["licensekit_license_ids"] == license_["id"]
