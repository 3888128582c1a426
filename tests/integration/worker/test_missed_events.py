"""Events that never arrive: one look at the sale makes up for all of them, however many."""

from __future__ import annotations

from datetime import datetime

import pytest

from shared.keys import SaleKey, StripeId, kind_of
from shared.tables import events
from tests.worlds.world import MONTH, World
from worker.reconcile import reconcile_now


def fetch(world: World, object_id: str | None) -> str:
    """How the pass of `fulfill reconcile <id>` ends."""
    assert object_id is not None
    kind = kind_of(object_id)
    assert kind is not None
    return reconcile_now(SaleKey("", False, kind, StripeId(object_id)), world.deps).status


@pytest.mark.parametrize("quoted", ["subscription", "invoice", "session"])
def test_pain_25_a_sale_whose_events_were_all_lost_is_fetched_by_any_id_of_it(
    world: World, quoted: str
) -> None:
    """The buyer quotes an invoice or a receipt; nothing was ever delivered."""
    price, policy = world.price("subscription", recurring=MONTH)
    sale = world.stripe.shop.subscribe(price)

    status = fetch(world, getattr(sale, quoted))

    (license_,) = world.books.licenses(policy.product_id)
    assert (status, license_["status"], world.rows(events)) == ("applied", "active", [])
    assert world.metadata(sale.subscription)["licensekit_license_ids"] == license_["id"]
    assert fetch(world, sale.subscription) == "settled"


def test_pain_25_events_that_come_after_all_change_nothing(world: World) -> None:
    """The sale was fetched meanwhile; Stripe may deliver days later."""
    price, policy = world.price()
    sale = world.stripe.shop.buy(price)

    fetched = fetch(world, sale.session)
    late = world.hear_all()

    (license_,) = world.books.licenses(policy.product_id)
    assert (fetched, license_["status"]) == ("applied", "active")
    assert {one.status for one in late} == {"settled"}


def test_pain_25_renewals_that_nobody_told_of_are_made_up_by_one_pass(world: World) -> None:
    """It reads how far the sale is paid now, and does not play the gap event by event."""
    price, policy = world.price("subscription", recurring=MONTH)
    sale = world.stripe.shop.subscribe(price)
    world.hear_all()
    (before,) = world.books.licenses(policy.product_id)

    world.stripe.advance(days=100)
    status = fetch(world, sale.subscription)

    (after,) = world.books.licenses(policy.product_id)
    longer = datetime.fromisoformat(after["expires_at"]) - datetime.fromisoformat(
        before["expires_at"]
    )
    assert (status, after["id"], len(world.books.orders(policy.product_id))) == (
        "applied",
        before["id"],
        4,
    )
    assert longer.days in range(89, 93)  # three months


def test_pain_25_a_refund_that_nobody_told_of_is_found_by_the_next_look(world: World) -> None:
    """Whatever the reason for the look: here an event about something else."""
    price, policy = world.price()
    sale = world.stripe.shop.buy(price)
    world.hear_all()

    world.stripe.shop.refund(payment_intent=sale.payment_intent)
    world.raise_all(sale.session)
    world.run()

    (license_,) = world.books.licenses(policy.product_id)
    (order,) = world.books.orders(policy.product_id)
    assert (license_["status"], order["status"]) == ("revoked", "refunded")
