"""Objects that live on a test clock: they say so, and the clock says its time."""

from __future__ import annotations

import pytest
from stripe import StripeClient

from simulator.__main__ import make_stripe, read_arguments
from simulator.server import serve
from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.conftest import START
from tests.contract.simulator.test_subscriptions import at


@pytest.fixture
def stripe() -> Stripe:
    """One whose objects live on a clock."""
    return Stripe(now=START, seed=7, test_clock=True)


def clock_of(shop: Shop, object_id: str | None) -> str:
    clock: str = shop.read(str(object_id))["test_clock"]
    return clock


def test_everything_of_a_sale_lives_on_the_same_clock(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """Customer, subscription and invoice, and the clock can be read with them."""
    rented = shop.subscribe(monthly)

    clocks = {clock_of(shop, one) for one in (rented.customer, rented.subscription, rented.invoice)}
    expanded = client.v1.subscriptions.retrieve(
        str(rented.subscription), {"expand": ["test_clock"]}
    ).to_dict()

    (clock,) = clocks
    assert clock.startswith("clock_")
    assert expanded["test_clock"]["frozen_time"] == at("2026-01-31T12:00:00")


def test_a_clock_follows_the_simulators_time(
    client: StripeClient, shop: Shop, stripe: Stripe
) -> None:
    """And is always ready."""
    clock = clock_of(shop, shop.customer())
    stripe.advance(days=3)

    read = client.v1.test_helpers.test_clocks.retrieve(clock).to_dict()

    assert (read["frozen_time"], read["status"]) == (at("2026-02-03T12:00:00"), "ready")


def test_a_clock_can_be_advanced_through_the_api(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """As tests against Stripe itself do it."""
    rented = shop.subscribe(monthly)
    clock = clock_of(shop, rented.subscription)

    client.v1.test_helpers.test_clocks.advance(clock, {"frozen_time": at("2026-03-01T00:00:00")})

    assert shop.read(str(rented.subscription))["latest_invoice"] != rented.invoice


def test_live_sales_and_other_accounts_have_their_own_time(stripe: Stripe) -> None:
    """Live mode has no clocks; another account has another one."""
    live = stripe.shop_of(livemode=True)
    other = stripe.shop_of("acct_other")

    assert live.read(live.customer())["test_clock"] is None
    assert clock_of(other, other.customer()) != clock_of(stripe.shop, stripe.shop.customer())


def test_a_simulator_without_clocks_says_nothing_of_them() -> None:
    """As it is by default; a switch of the program turns them on."""
    plain = make_stripe(read_arguments([])).shop
    clocked = make_stripe(read_arguments(["--test-clock"])).shop

    assert plain.read(plain.customer())["test_clock"] is None
    assert clock_of(clocked, clocked.customer()).startswith("clock_")


def test_a_clocks_shop_can_be_served(stripe: Stripe) -> None:
    """The clock is one of the objects that the state shows."""
    with serve(stripe):
        (shop,) = stripe.state()["shops"]

    assert list(shop["objects"]) == ["test_helpers.test_clock"]
