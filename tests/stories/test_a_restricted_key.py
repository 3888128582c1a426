"""A restricted key with exactly the permissions that the README lists is enough for every sale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from shared.secrets import Secret
from tests.integration.console.healthy import ALL_PERMISSIONS
from tests.worlds.world import MONTH, World, open_world
from worker.gateways.stripe import StripeGateway

KEY = "rk_test_exactly_0123456789"
CHECK_ONLY = {"rak_event_read", "rak_webhook_read"}  # what a pass has no need of


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """On a test clock, and with a Stripe that refuses whatever the key was not given."""
    with open_world(tmp_path_factory.mktemp("restricted"), test_clock=True) as world:
        world.stripe.add_key(KEY, set(ALL_PERMISSIONS) - CHECK_ONLY)
        gateway = StripeGateway(Secret(KEY), world.stripe_url)
        world.deps.stripe.close()
        world.deps = replace(world.deps, stripe=gateway)
        yield world


def statuses(world: World) -> set[str]:
    return set(world.passes())


def test_a_purchase_and_its_refund_need_no_more(world: World) -> None:
    """The license is issued, our ids are written back, and the refund takes it away."""
    price, policy = world.price()
    bought = world.stripe.shop.buy(price)
    world.hear_all()
    (license,) = world.books.licenses(policy.product_id)
    assert license["status"] == "active"
    assert "licensekit_license_ids" in world.metadata(bought.session)

    world.stripe.shop.refund(payment_intent=bought.payment_intent)
    world.hear_all()

    (license,) = world.books.licenses(policy.product_id)
    assert license["status"] in ("suspended", "revoked")
    assert statuses(world) <= {"applied", "settled", "moved"}


def test_a_subscription_its_renewal_and_a_dispute_need_no_more(world: World) -> None:
    """The end of access moves with what is paid, and a dispute holds the license."""
    price, policy = world.price("subscription", recurring=MONTH)
    world.stripe.shop.subscribe(price)
    world.hear_all()
    (before,) = world.books.licenses(policy.product_id)

    world.stripe.advance(days=32)
    world.hear_all()
    (after,) = world.books.licenses(policy.product_id)
    charges = world.stripe.shop.books.all("charge")
    world.stripe.shop.dispute(charge=charges[-1]["id"])
    world.hear_all()
    (held,) = world.books.licenses(policy.product_id)

    assert before["expires_at"] < after["expires_at"]
    assert held["status"] == "suspended"
    assert statuses(world) <= {"applied", "settled", "moved"}
