"""Several at once: each turn is whole, and its events leave together at its end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from simulator.errors import StripeFault
from simulator.stripe import Stripe


def test_many_buyers_at_once_get_a_sale_each() -> None:
    """Nothing is lost and nothing is mixed up."""
    stripe = Stripe(seed=1)
    price = stripe.shop.price("Editor", 4900)

    with ThreadPoolExecutor(8) as buyers:
        sales = list(buyers.map(lambda _: stripe.shop.buy(price), range(40)))

    assert len({sale.session for sale in sales}) == 40
    assert len({sale.customer for sale in sales}) == 40
    completed = [e for e in stripe.shop.events() if e["type"] == "checkout.session.completed"]
    assert {e["data"]["object"]["id"] for e in completed} == {sale.session for sale in sales}


def test_events_leave_when_the_turn_is_over() -> None:
    """Nobody hears of half a purchase."""
    stripe = Stripe(seed=1)
    stripe.deliver_to("http://127.0.0.1:9/hook", "whsec_x")

    with stripe.world.turn():
        stripe.shop.customer()
        during = stripe.world.outbox.counts()["waiting"]

    assert (during, stripe.world.outbox.counts()["waiting"]) == (0, 1)


def test_a_story_that_fails_leaves_the_simulator_usable() -> None:
    """The lock is given back."""
    stripe = Stripe(seed=1)
    with pytest.raises(StripeFault):
        stripe.shop.buy("price_none")

    with ThreadPoolExecutor(1) as other:
        assert other.submit(stripe.shop.customer).result(timeout=5)


def test_what_was_read_does_not_change_afterwards() -> None:
    """A reader holds a copy; the simulator goes on."""
    stripe = Stripe(seed=1)
    plan = stripe.shop.price("Plan", 900, recurring={"interval": "month"})
    rented = stripe.shop.subscribe(plan)
    before = stripe.shop.read(str(rented.subscription))

    stripe.advance(days=40)

    after = stripe.shop.read(str(rented.subscription))
    assert before["latest_invoice"] == rented.invoice
    assert after["latest_invoice"] != rented.invoice


def test_an_object_that_is_not_there_is_not_read() -> None:
    """With its id in the error."""
    with pytest.raises(KeyError, match="cus_none"):
        Stripe(seed=1).shop.read("cus_none")


def test_the_same_seed_and_start_give_the_same_story() -> None:
    """Ids and all."""

    def story() -> list[str]:
        stripe = Stripe(seed=9)
        stripe.shop.buy(stripe.shop.price("Editor", 4900))
        return [event["id"] for event in stripe.shop.events()]

    assert story() == story()
