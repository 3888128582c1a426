"""The demo's messenger and its small Stripe, over real HTTP, with a door that counts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.demo.messenger import deliver, deliver_badly, events_of, hold_everything
from console.demo.stripe_side import StripeSide
from simulator.server import serve
from simulator.stripe import Stripe
from tests.integration.console.supervised import wait_until
from tests.integration.console.web import serve_app


@dataclass
class Door:
    """Takes every delivery and remembers which event it was."""

    came: list[str] = field(default_factory=list)

    def app(self) -> Starlette:
        async def take(request: Request) -> Response:
            self.came.append(str(json.loads(await request.body())["id"]))
            return Response("{}")

        return Starlette(routes=[Route("/hook", take, methods=["POST"])])


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def stripe(door: Door) -> Iterator[StripeSide]:
    twin = Stripe(seed=7)
    twin.add_key("sk_test_demo")
    with serve_app(door.app()) as client, serve(twin) as url:
        twin.deliver_to(f"{client.base_url}/hook", "whsec_demo")
        side = StripeSide(url, "sk_test_demo")
        yield side
        side.close()


@pytest.fixture
def subscription(stripe: StripeSide, door: Door) -> str:
    """A subscription was paid, and nothing of it has been delivered yet."""
    hold_everything(stripe)
    price = stripe.tell("price", name="Team", amount=900, recurring={"interval": "month"})["price"]
    bought = str(stripe.tell("subscribe", lines=[price])["subscription"])
    wait_until(stripe.idle)
    assert door.came == []
    return bought


def test_events_are_read_over_all_pages_oldest_first(stripe: StripeSide) -> None:
    """Stripe gives a hundred at a time, newest first."""
    for number in range(40):
        stripe.tell("customer", name=f"Ada {number}")
        stripe.tell("price", name=f"Editor {number}", amount=100)

    events = stripe.events()

    assert len(events) > 100
    assert len({event["id"] for event in events}) == len(events)
    assert [e["created"] for e in events] == sorted(e["created"] for e in events)


def test_calm_deliveries_come_once_and_in_order(
    stripe: StripeSide, door: Door, subscription: str
) -> None:
    """As on a good day."""
    news = events_of(subscription, stripe.events())

    deliver(stripe, news)

    wait_until(stripe.idle)
    assert len(news) > 2
    assert door.came == [event["id"] for event in news]


def test_a_storm_loses_some_and_brings_the_others_three_times_in_any_order(
    stripe: StripeSide, door: Door, subscription: str
) -> None:
    """Worse than Stripe ever is, and some of it always arrives."""
    news = events_of(subscription, stripe.events())

    weather = deliver_badly(stripe, news, seed=7)

    wait_until(stripe.idle)
    counts = Counter(door.came)
    assert set(counts.values()) == {3}
    assert len(counts) == weather.events - weather.dropped
    assert weather.dropped > 0
    assert set(counts) < {event["id"] for event in news}
    assert f"{weather.dropped} dropped" in str(weather)


def test_an_object_is_read_as_it_stands(stripe: StripeSide, subscription: str) -> None:
    """The report looks at what Stripe really holds."""
    assert stripe.read(subscription)["status"] == "active"
