"""The log of one delivery and of its pass, stage by stage, under the names of the handbook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from shared.clock import SystemClock
from shared.settings import read_settings
from tests.conftest import SIGNING_SECRET
from tests.deliveries import sign, subscription_updated
from tests.worlds.lines import Lines, logged
from tests.worlds.moody import Mood
from tests.worlds.town import wait_until
from tests.worlds.web import serve_app
from tests.worlds.world import STRIPE_KEY, Event, World, make_deps
from webhooks.app import make_app
from worker.crew import Crew

DOOR = ["delivery.received", "delivery.verified"]


@dataclass(frozen=True, slots=True)
class Way:
    """The whole way in this program: a door for deliveries, a crew, and the log of both."""

    world: World
    door: str
    crew: Crew
    lines: Lines

    def deliver(self, body: bytes, *, secret: str = SIGNING_SECRET) -> None:
        """Post it as Stripe would, and wait until the worker would be woken, if it is."""
        headers = {"Stripe-Signature": sign(body, secret=secret)}
        httpx.post(f"{self.door}/stripe/webhook", content=body, headers=headers, trust_env=False)
        if "inbox.recorded" in self.lines.stages():
            wait_until(lambda: "queue.woken" in self.lines.stages(), "a worker is woken")

    def tell(self, event: Event) -> None:
        self.deliver(json.dumps(event).encode())

    def rest(self) -> list[str]:
        """Let the worker bring all to rest; the stages since the last time."""
        self.crew.bring_to_rest(lambda: None)
        stages = self.lines.stages()
        self.lines.truncate(self.lines.seek(0))
        return stages


@pytest.fixture
def way(world: World, redis_url: str) -> Iterator[Way]:
    environment = {
        "STRIPE_WEBHOOK_SECRET": SIGNING_SECRET,
        "STRIPE_SECRET_KEY": STRIPE_KEY,
        "DATABASE_URL": world.engine.url.render_as_string(hide_password=False),
        "REDIS_URL": redis_url,
    }
    crew = Crew(
        world.engine,
        lambda: make_deps(world.engine, world.stripe_url, world.books.url, SystemClock()),
        threads=1,
        worker="crew",
        clock=SystemClock(),
    )
    crew.start()
    with logged() as lines, serve_app(make_app(read_settings(environment)), lifespan=True) as door:
        yield Way(world, door, crew, lines)
        crew.close()


def completed(world: World, price: str) -> Event:
    """A sale, and the one event of it that Stripe delivers."""
    sale = world.stripe.shop.buy(price)
    (event,) = (
        one for one in world.events(sale.session) if one["type"] == "checkout.session.completed"
    )
    return event


def test_one_delivery_and_its_pass_are_logged_stage_by_stage(way: Way) -> None:
    """Whoever searches a log by stage finds the names that the handbook gives."""
    price, _ = way.world.price()
    event = completed(way.world, price)

    way.tell(event)
    lines = way.lines.rows()
    told = way.rest()

    assert told.index("inbox.recorded") < told.index("lease.taken")
    assert told.index("queue.woken") < told.index("lease.taken")
    told.remove("queue.woken")  # by a thread of its own
    steps = ["step.started", "step.done"] * 6  # customer, order, license, three write-backs
    assert told == [
        *DOOR,
        "inbox.recorded",
        "lease.taken",
        "snapshot.taken",
        "plan.made",
        *steps,
        "pass.closed",
    ]
    assert [row["event_ids"] for row in lines if row["stage"] == "inbox.recorded"] == [
        [event["id"]]
    ]


def test_each_line_of_a_pass_names_its_sale(way: Way) -> None:
    """Many passes run side by side; the sale's key tells their lines apart."""
    price, _ = way.world.price()
    event = completed(way.world, price)
    way.tell(event)

    way.crew.bring_to_rest(lambda: None)

    key = f"own/test/checkout_session/{event['data']['object']['id']}"
    rows = [row for row in way.lines.rows() if row["source"] in ("crew", "pass", "runner")]
    assert len(rows) > 10
    assert {row["key"] for row in rows} == {key}
    assert rows[-1]["status"] == "applied"


def test_the_same_event_again_and_a_sale_at_rest_have_stages_of_their_own(way: Way) -> None:
    """A duplicate wakes nobody; another event of the sale ends in a plan without steps."""
    price, _ = way.world.price()
    event = completed(way.world, price)
    way.tell(event)
    way.rest()

    way.tell(event)
    assert way.rest() == [*DOOR, "inbox.duplicate"]

    way.tell({**event, "id": "evt_another"})
    told = way.rest()
    assert told[-4:] == ["lease.taken", "snapshot.taken", "plan.settled", "pass.closed"]


def test_what_is_not_let_in_or_not_listened_to_is_logged_as_such(way: Way) -> None:
    """Neither leaves anything for a worker to do."""
    way.deliver(subscription_updated("evt_1"), secret="whsec_of_someone_else")
    assert way.rest() == ["delivery.received", "delivery.refused"]

    way.tell({**json.loads(subscription_updated("evt_2")), "type": "balance.available"})
    assert way.rest() == [*DOOR, "inbox.ignored"]


def test_a_sale_that_waits_for_a_person_is_logged_as_blocked(way: Way) -> None:
    """Nobody said what the price sells."""
    way.tell(completed(way.world, way.world.stripe.shop.price("Add-on", 900)))

    told = way.rest()

    assert told[-2:] == ["plan.blocked", "pass.closed"]


def test_a_step_that_fails_is_logged_before_its_pass_is_closed(way: Way) -> None:
    """With the error, so that one line is enough to know whom to call."""
    price, _ = way.world.price()
    way.tell(completed(way.world, price))
    way.world.books.moods.plan(Mood(500, "POST", "/customers"))

    way.crew.bring_to_rest(lambda: None)

    *_, started, call, failed, closed = way.lines.rows()
    assert [row["stage"] for row in (started, call, failed, closed)] == [
        "step.started",
        "licensekit.failed",
        "step.failed",
        "pass.closed",
    ]
    assert started["step"] == failed["step"]
    assert "LicenseKit" in failed["error"]
    assert closed["status"] == "failed"
