"""Whole passes over real HTTP: what they leave in LicenseKit, in Stripe and in the journal."""

from __future__ import annotations

from shared.tables import links
from tests.worlds.world import MONTH, World


def test_a_paid_checkout_becomes_a_license_with_its_key_in_escrow(world: World) -> None:
    """Order, license and key exist, Stripe points at them, and the journal tells the way."""
    price, policy = world.price()
    sale = world.stripe.shop.buy({"price": price, "quantity": 2})

    world.hear_all()

    (license_,) = world.books.licenses(policy.product_id)
    (order,) = world.books.orders(policy.product_id)
    assert (license_["status"], license_["order_id"]) == ("active", order["id"])
    assert (order["external_system"], order["external_id"]) == ("stripe", sale.session)
    assert license_["metadata"]["stripe_line_item"] == sale.items[0]
    assert license_["metadata"]["quantity"] == 2
    assert world.books.accepts(world.key_of(license_["id"]))
    assert world.metadata(sale.session) == {
        "licensekit_customer_id": license_["customer_id"],
        "licensekit_order_id": order["id"],
        "licensekit_license_ids": license_["id"],
        "licensekit_license_count": "1",
    }
    assert [status for _, status in world.steps()] == ["done"] * 6
    assert world.passes()[0] == "applied"


def test_the_echo_of_our_write_back_settles_without_a_further_write(world: World) -> None:
    """Each metadata write causes an event; its pass plans nothing."""
    price, _ = world.price("subscription", recurring=MONTH)
    world.stripe.shop.subscribe(price)
    world.hear_all()
    before = len(world.stripe.shop.events())

    closed = world.hear_all()

    assert [one.status for one in closed] == ["settled"]
    assert len(world.stripe.shop.events()) == before


def test_a_subscription_is_renewed_twice_and_keeps_its_license(world: World) -> None:
    """One license, three orders, one record; the end is the last paid period's."""
    price, policy = world.price("subscription", recurring=MONTH)
    sale = world.stripe.shop.subscribe(price)
    world.hear_all()
    (first,) = world.books.licenses(policy.product_id)
    for _ in range(2):
        world.stripe.advance(days=31)
        world.stripe.advance(seconds=7200)
        world.hear_all()

    (license_,) = world.books.licenses(policy.product_id)
    assert license_["id"] == first["id"]
    assert license_["expires_at"] > first["expires_at"]
    assert len(world.books.orders(policy.product_id)) == 3
    (record,) = world.books.subscriptions(policy.product_id)
    assert (record["status"], record["external_id"]) == ("active", sale.subscription)
    assert record["current_period_end"] == license_["expires_at"]
    assert world.metadata(sale.subscription)["licensekit_license_ids"] == license_["id"]
    assert len([row for row in world.rows(links) if row.kind == "order"]) == 3


def test_a_second_pass_plans_nothing(world: World) -> None:
    """At rest is at rest, after every kind of sale."""
    once, _ = world.price()
    monthly, _ = world.price("subscription", recurring=MONTH)
    world.stripe.shop.buy(once, guest=True)
    world.stripe.shop.buy(once, discount_percent=100)
    world.stripe.shop.subscribe(monthly)
    world.hear_all()

    again = world.hear_all()

    assert {one.status for one in again} <= {"settled"}
