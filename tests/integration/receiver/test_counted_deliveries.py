"""What became of deliveries is counted, and the page that shows it is not for everyone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from shared.settings import Settings
from tests.deliveries import event, subscription_updated
from tests.worlds.counts import counted
from tests.worlds.web import serve_app
from webhooks.app import make_app
from webhooks.receiver import BODY_LIMIT_BYTES

Deliver = Callable[..., list[httpx.Response]]
OpenDoor = Callable[..., Callable[[str], httpx.Response]]
TOKEN = "metrics-of-the-shop"


@pytest.fixture
def open_door(make_settings: Callable[..., Settings], sqlite_url: str) -> Iterator[OpenDoor]:
    """A receiver as a program of its own: `open_door(…)(header)` asks it for its metrics."""
    with ExitStack() as stack:

        def open_one(**settings: str) -> Callable[[str], httpx.Response]:
            app = make_app(make_settings(DATABASE_URL=sqlite_url, **settings))
            url = stack.enter_context(serve_app(app, lifespan=True))

            def ask(header: str) -> httpx.Response:
                headers = {"Authorization": header.encode("latin-1")}
                return httpx.get(f"{url}/metrics", headers=headers, trust_env=False)

            return ask

        yield open_one


def test_each_delivery_is_counted_by_what_became_of_it(deliver: Deliver) -> None:
    """Whoever looks at a graph sees how much was new, known, ignored or not meant for us."""
    known, other = subscription_updated("evt_1"), event("evt_2", "payout.paid", {"id": "po_1"})

    with counted() as counts:
        deliver(known, known, other, subscription_updated("evt_3", account="acct_stranger"))

    assert counts.of("fulfill_deliveries_total") == {
        "outcome=recorded": 1,
        "outcome=duplicate": 1,
        "outcome=ignored": 1,
        "outcome=refused": 1,
    }


def test_what_is_turned_away_is_counted_by_the_reason(deliver: Deliver) -> None:
    """A wrong secret looks different from somebody who tries the door."""
    with counted() as counts:
        deliver(subscription_updated("evt_1"), header="t=1,v1=00")
        deliver(b"no event at all", b"x" * (BODY_LIMIT_BYTES + 1))

    assert counts.of("fulfill_deliveries_total") == {
        "outcome=bad_signature": 1,
        "outcome=not_an_event": 1,
        "outcome=too_large": 1,
    }


def test_metrics_are_shown_to_nobody_without_the_token(open_door: OpenDoor) -> None:
    """Also not to this machine itself: behind a proxy, everybody comes from there."""
    ask = open_door(FULFILL_METRICS_TOKEN=TOKEN)

    for header in ("", "Bearer wrong", "Bearer", TOKEN, "Bearer ä"):
        answer = ask(header)
        assert answer.status_code == 401
        assert "FULFILL_METRICS_TOKEN" in answer.text


def test_without_a_token_in_the_settings_nobody_is_let_in(open_door: OpenDoor) -> None:
    """An empty token must not match an empty header."""
    assert open_door()("Bearer").status_code == 401


def test_the_receiver_alone_shows_its_metrics(open_door: OpenDoor) -> None:
    """Where it is the only program on its machine, it is the one that is scraped."""
    answer = open_door(FULFILL_METRICS_TOKEN=TOKEN)(f"Bearer {TOKEN}")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'fulfill_deliveries_total{outcome="recorded"}' in answer.text
    assert "fulfill_database_up 1.0" in answer.text
