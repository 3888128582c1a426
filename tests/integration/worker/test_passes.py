"""Whole passes over real HTTP: what they leave in LicenseKit, in Stripe and in the journal."""

from __future__ import annotations

import pytest

from shared.keys import SaleKey, kind_of
from shared.tables import events, links, sales
from tests.worlds.world import MONTH, World
from worker.reconcile import preview, reconcile_now


@pytest.fixture
def world(both_worlds: World) -> World:
    """Every test here runs on SQLite and on PostgreSQL."""
    return both_worlds


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


def test_our_own_tables_tell_the_end_that_a_renewal_brought(world: World) -> None:
    """Whoever reads the story of a sale must not see the end of the first period."""
    price, policy = world.price("subscription", recurring=MONTH)
    world.stripe.shop.subscribe(price)
    world.hear_all()
    world.stripe.advance(days=32)
    world.hear_all()

    (license_,) = world.books.licenses(policy.product_id)
    (link,) = [row for row in world.rows(links) if row.kind == "license"]
    assert link.written["expires_at"] == license_["expires_at"]
    assert (link.written["end_moves"], link.written["intended"]) == (1, {})


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


def test_an_invoice_in_hand_hands_its_hints_to_the_subscription(world: World) -> None:
    """An event may name only an invoice: its sale is found, and the event is told of that sale."""
    price, policy = world.price("subscription", recurring=MONTH)
    sale = world.stripe.shop.subscribe(price)
    told = [e for e in world.events(sale.invoice) if e["type"] == "invoice_payment.paid"]
    assert told

    world.tell(told)
    closed = world.run()

    assert [one.status for one in closed] == ["settled", "applied"]
    assert closed[0].moved_to is not None
    assert closed[0].moved_to.id == sale.subscription
    rows = {row.object_id: row for row in world.rows(sales)}
    assert rows[sale.invoice].moved_to == rows[sale.subscription].id
    assert {row.sale_id for row in world.rows(events)} == {rows[sale.subscription].id}
    assert len(world.books.licenses(policy.product_id)) == 1


@pytest.mark.parametrize("name", ["session", "invoice", "subscription"])
def test_a_person_may_name_any_object_of_a_sale(world: World, name: str) -> None:
    """The pass follows it to the sale; without an event, and with the same end."""
    price, policy = world.price("subscription", recurring=MONTH)
    sale = world.stripe.shop.subscribe(price)
    object_id = getattr(sale, name)
    kind = kind_of(object_id)
    assert kind is not None
    key = SaleKey("", False, kind, object_id)

    assert len(preview(key, world.deps).plan.steps) > 0
    assert reconcile_now(key, world.deps).status == "applied"
    assert reconcile_now(key, world.deps).status == "settled"
    assert len(world.books.licenses(policy.product_id)) == 1


def test_what_a_person_did_in_licensekit_stands(world: World) -> None:
    """A revoked license is not issued anew by the next payment."""
    price, policy = world.price("subscription", recurring=MONTH)
    world.stripe.shop.subscribe(price)
    world.hear_all()
    (license_,) = world.books.licenses(policy.product_id)
    world.books.act(license_["id"], "revoke")

    world.stripe.advance(days=31, seconds=7200)
    world.hear_all()

    (still,) = world.books.licenses(policy.product_id)
    assert (still["id"], still["status"]) == (license_["id"], "revoked")
    assert len(world.books.orders(policy.product_id)) == 2
    assert world.problems() == []


def test_pain_19_many_lines_and_units_become_as_many_licenses(world: World) -> None:
    """Twelve lines, one of three units."""
    policy = world.books.policy("perpetual")
    prices = [world.stripe.shop.price(f"Part {n}", 100) for n in range(12)]
    for price in prices:
        world.map(price, policy, quantity="license_per_unit")
    sale = world.stripe.shop.buy([*prices[:-1], {"price": prices[-1], "quantity": 3}])

    world.hear_all()

    licenses = world.books.licenses(policy.product_id)
    assert len(licenses) == 14
    assert len({world.key_of(one["id"]) for one in licenses}) == 14
    found = world.metadata(sale.session)
    assert found["licensekit_license_count"] == "14"
    assert all(len(value) <= 500 for value in found.values())


def test_stripes_context_is_kept_with_the_records(world: World) -> None:
    """Ids, amounts in minor units with their currency, and quantities, for support and reports."""
    price, policy = world.price("subscription", recurring=MONTH)
    sale = world.stripe.shop.subscribe({"price": price, "quantity": 2})

    world.hear_all()

    (order,) = world.books.orders(policy.product_id)
    assert order["metadata"]["stripe_subscription"] == sale.subscription
    assert order["metadata"]["stripe_invoice"] == sale.invoice
    assert order["metadata"]["amount_minor_units"] == 9800
    assert order["metadata"]["currency"] == "usd"
    assert order["metadata"]["lines"][0]["stripe_price"] == price
    assert order["metadata"]["lines"][0]["quantity"] == 2
    assert order["metadata"]["stripe_payment_intent"].startswith("pi_")
    assert order["metadata"]["stripe_charge"].startswith("ch_")
    context = next(row.context for row in world.rows(links) if row.kind == "license")
    assert context["stripe_line_item"] == sale.items[0]
