"""Lines that wait for a mapping, and how it releases them."""

from __future__ import annotations

import pytest

from mappings.store import newest_change
from tests.worlds.world import MONTH, World


def release(world: World) -> None:
    """What setting a mapping does for the sales that wait for it."""
    world.raise_all()
    world.run()


def test_pain_22_an_unmapped_line_waits_beside_a_mapped_one_and_is_released(world: World) -> None:
    """The mapped line is licensed at once; mapping the other ends the waiting."""
    price, policy = world.price()
    other = world.stripe.shop.price("Add-on", 900)
    world.stripe.shop.buy([price, other])
    world.hear_all()
    assert [one["status"] for one in world.books.licenses(policy.product_id)] == ["active"]
    assert world.problems() == [("unmapped_price", other)]
    assert world.passes()[0] == "blocked"

    second = world.books.policy("perpetual")
    world.map(other, second)
    release(world)

    assert [one["status"] for one in world.books.licenses(second.product_id)] == ["active"]
    assert len(world.books.licenses(policy.product_id)) == 1
    assert world.problems() == []


@pytest.mark.parametrize("recurring", [None, MONTH])
def test_every_stripe_object_points_at_what_a_later_mapping_brought(
    world: World, recurring: dict[str, str] | None
) -> None:
    """Also the payment intent, which is not read any more once it carries all of our ids."""
    kind = "subscription" if recurring else "perpetual"
    details = {"recurring": recurring} if recurring else {}
    price, policy = world.price(kind, **details)
    other = world.stripe.shop.price("Add-on", 900, **details)
    sell = world.stripe.shop.subscribe if recurring else world.stripe.shop.buy
    sale = sell([price, other])
    world.hear_all()

    second = world.books.policy(kind)
    world.map(other, second)
    release(world)

    ids = {one["id"] for p in (policy, second) for one in world.books.licenses(p.product_id)}
    intent = next(
        event["data"]["object"]["id"]
        for event in world.stripe.shop.events()
        if event["type"] == "payment_intent.succeeded"
    )
    for object_id in (sale.session, intent):
        found = world.metadata(object_id)
        assert set(found["licensekit_license_ids"].split(",")) == ids
        assert len(found["licensekit_order_id"].split(",")) == 2


def test_a_mapping_to_a_policy_that_is_not_there_can_be_mended_for_those_who_bought(
    world: World,
) -> None:
    """Terms that could not be carried out are not kept with the sale."""
    price, policy = world.price()
    lost = type(policy)(policy.product_id, "pol_lost")
    world.map(price, lost)
    world.stripe.shop.buy(price)
    world.hear_all()
    assert world.problems() == [("policy_missing", price)]

    world.map(price, policy)
    release(world)

    assert [one["policy_id"] for one in world.books.licenses(policy.product_id)] == [policy.id]
    assert world.problems() == []


def test_a_sale_keeps_its_terms_when_the_mapping_changes(world: World) -> None:
    """The next renewal is under the policy that was sold."""
    price, policy = world.price("subscription", recurring=MONTH)
    world.stripe.shop.subscribe(price)
    world.hear_all()
    with world.engine.connect() as connection, connection.begin():
        assert newest_change(connection) is not None
    world.map(price, world.books.policy("subscription", policy.product_id), grace_days=99)

    world.stripe.advance(days=31, seconds=7200)
    world.hear_all()

    (license_,) = world.books.licenses(policy.product_id)
    (record,) = world.books.subscriptions(policy.product_id)
    assert license_["policy_id"] == policy.id
    assert license_["expires_at"] == record["current_period_end"]
