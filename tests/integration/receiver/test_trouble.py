"""The queue is down, the database won't write, everything comes at once."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import httpx
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from console.embedded_redis import redis_server
from shared.database import transaction
from shared.queue import Waker
from shared.settings import Settings
from tests.deliveries import subscription_updated
from tests.integration.receiver.conftest import (
    Deliver,
    event_rows,
    nobody,
    post_all,
    sale_rows,
    statuses,
)
from webhooks.app import open_engine
from webhooks.receiver import Receiver

OpenEngine = Callable[..., Engine]


def test_pain_05_with_the_queue_down_a_sale_is_still_taken_in(
    deliver: Deliver, engine: Engine, tmp_path: Path
) -> None:
    """Redis is only the wake-up: killed, it costs no sale, since the row says what is due."""
    with redis_server(tmp_path / "redis") as url:
        waker = Waker(url)
        assert waker.wake()

    [answer] = deliver(subscription_updated("evt_1"), wake=waker.wake)

    assert answer.json() == {"status": "recorded"}
    assert [sale["wanted_generation"] for sale in sale_rows(engine)] == [1]
    waker.close()


def test_a_burst_of_events_is_one_wake_up(deliver: Deliver) -> None:
    """What the last moments brought needs one wake-up, not one for each."""
    woken: list[int] = []

    def wake() -> bool:
        woken.append(1)
        return True

    deliver(*[subscription_updated(f"evt_{n}") for n in range(20)], wake=wake)

    assert 1 <= len(woken) <= 2


def test_pain_03_while_the_database_is_locked_stripe_is_told_to_come_again(
    make_settings: Callable[..., Settings], sqlite_url: str, engines: OpenEngine
) -> None:
    """A 2xx would lose the sale: 503 in the error envelope, and the next delivery is taken."""
    engine = engines(sqlite_url, patience_ms=50)
    settings = make_settings(DATABASE_URL=sqlite_url)
    body = subscription_updated("evt_1")

    holder = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    [locked] = asyncio.run(post_all(Receiver(settings, engine, nobody), [body]))
    holder.close()
    [free] = asyncio.run(post_all(Receiver(settings, engine, nobody), [body]))

    assert locked.status_code == 503
    assert locked.json()["error"]["code"] == "INBOX_UNAVAILABLE"
    assert free.json() == {"status": "recorded"}


def test_an_event_that_the_database_won_t_take_does_not_fail_its_neighbours(
    deliver: Deliver, engine: Engine
) -> None:
    """The batch falls apart into single events: one gets 503, the others are recorded."""
    with transaction(engine) as tx:
        for statement in POISON[engine.dialect.name]:
            tx.execute(sa.text(statement))

    names = ["evt_1", "evt_poison", "evt_2"]
    answers = deliver(*[subscription_updated(name) for name in names])

    assert [answer.status_code for answer in answers] == [200, 503, 200]
    assert sorted(row["event_id"] for row in event_rows(engine)) == ["evt_1", "evt_2"]


def test_a_hundred_copies_at_once_are_recorded_once(deliver: Deliver, engine: Engine) -> None:
    """However many copies race, one is new."""
    answers = deliver(*[subscription_updated("evt_1")] * 100)

    assert statuses(answers) == ["duplicate"] * 99 + ["recorded"]
    assert [sale["wanted_generation"] for sale in sale_rows(engine)] == [1]


def test_two_web_processes_on_one_database_record_each_event_once(
    settings: Settings, engine: Engine, engines: OpenEngine
) -> None:
    """Batches that overlap in events and sales never deadlock; each event is one hint of its own.

    PostgreSQL may raise a sale once more for an event that both write in the same moment.
    """
    bodies = [subscription_updated(f"evt_{n}", f"sub_{n % 7}") for n in range(60)]
    other = engines(settings.database_url)

    async def race() -> list[list[httpx.Response]]:
        return await asyncio.gather(
            post_all(Receiver(settings, engine, nobody), bodies),
            post_all(Receiver(settings, other, nobody, batch_limit=7), bodies[::-1]),
        )

    first, second = asyncio.run(race())

    assert statuses([*first, *second]) == ["duplicate"] * 60 + ["recorded"] * 60
    hints = [(event["sale_id"], event["generation"]) for event in event_rows(engine)]
    wanted = {sale["id"]: sale["wanted_generation"] for sale in sale_rows(engine)}
    assert len(set(hints)) == 60
    assert all(1 <= generation <= wanted[sale] for sale, generation in hints)


def test_a_database_that_was_started_again_costs_no_delivery(
    make_settings: Callable[..., Settings], postgres_url: str, engines: Callable[..., Engine]
) -> None:
    """The receiver finds its connections dead, opens new ones and writes; Stripe sees a 200."""
    settings = make_settings(DATABASE_URL=postgres_url)
    engine, other = open_engine(settings), engines(postgres_url)
    first = asyncio.run(
        post_all(Receiver(settings, engine, nobody), [subscription_updated("evt_1")])
    )
    with other.connect() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )

    then = asyncio.run(
        post_all(Receiver(settings, engine, nobody), [subscription_updated("evt_2")])
    )

    engine.dispose()
    assert statuses([*first, *then]) == ["recorded", "recorded"]


# A fault of the real database, met by one event only.
POISON = {
    "sqlite": [
        "CREATE TRIGGER poison BEFORE INSERT ON events WHEN NEW.event_id = 'evt_poison'"
        " BEGIN SELECT RAISE(ABORT, 'poison'); END"
    ],
    "postgresql": [
        "ALTER TABLE events ADD CONSTRAINT poison CHECK (event_id <> 'evt_poison')",
    ],
}
