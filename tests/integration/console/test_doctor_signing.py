"""What the check tells of each signing secret: its age, and whether it still signs anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from console.doctor import Finding, House
from console.doctor.signing import look_at_signing_secrets
from console.doctor.visit import pay_visit
from shared.secrets import Secret
from shared.settings import Settings
from tests.conftest import OLDER_SECRET, SIGNING_SECRET
from tests.integration.console.journal import Journal
from tests.worlds.clock import FixedClock
from webhooks.fingerprints import remember_secrets

NEW, OLD = Secret(SIGNING_SECRET), Secret(OLDER_SECRET)
Look = Callable[..., list[Finding]]
SILENT = {"STRIPE_SECRET_KEY": None, "LICENSEKIT_BASE_URL": "http://127.0.0.1:1"}


@pytest.fixture
def look(make_settings: Callable[..., Settings], engine: Engine, journal: Journal) -> Look:
    def run(**changes: str | None) -> list[Finding]:
        settings = make_settings(**SILENT, **changes)
        clock = FixedClock(journal.now)
        with pay_visit(House(settings, engine, {}, clock)) as visit:
            return look_at_signing_secrets(visit)

    return run


def in_use(engine: Engine, journal: Journal, **days: float) -> None:
    """`new=3, old=40`: since how many days each is in use."""
    for name, age in days.items():
        secret = NEW if name == "new" else OLD
        remember_secrets(engine, [secret], now=journal.now - timedelta(days=age))


def test_a_secret_that_signs_is_fine_and_its_age_is_told(
    look: Look, journal: Journal, engine: Engine
) -> None:
    """With when it signed last."""
    in_use(engine, journal, new=3)
    journal.event("evt_1", secret=0, received_at=journal.now - timedelta(hours=1))
    journal.event("evt_2", secret=-1)

    (found,) = look(STRIPE_WEBHOOK_SECRET=SIGNING_SECRET)

    assert (found.name, found.status) == ("signing secret 1", "ok")
    assert found.told == "in use for 3 d, matched last 60 min ago"


def test_a_rolled_secret_that_signs_nothing_any_more_can_go(
    look: Look, journal: Journal, engine: Engine
) -> None:
    """Stripe signs with the old one for a day at most. What it signed before the new one came was
    at another place, and does not count.
    """
    in_use(engine, journal, old=40, new=3)
    journal.event("evt_1", secret=0, received_at=journal.now - timedelta(days=10))
    journal.event("evt_2", secret=0, received_at=journal.now - timedelta(hours=1))

    front, behind = look()

    assert front.status == "ok"
    assert (behind.name, behind.status) == ("signing secret 2", "warn")
    assert "matched none of the newest 1000 deliveries" in behind.told
    assert behind.todo.startswith("Take it out of STRIPE_WEBHOOK_SECRET")


@pytest.mark.parametrize(
    ("days", "places"),
    [
        ({"old": 40, "new": 1}, [0]),  # Stripe may still sign with both
        ({"old": 40, "new": 3}, [0, 1]),  # a second endpoint's
        ({"old": 40, "new": 3}, [1]),  # the new one is not the one that signs
    ],
)
def test_a_second_secret_that_may_be_needed_stays(
    look: Look, journal: Journal, engine: Engine, days: dict[str, float], places: list[int]
) -> None:
    """To take it out too early would refuse deliveries."""
    in_use(engine, journal, **days)
    for place in places:
        journal.event(f"evt_{place}", secret=place, received_at=journal.now)

    assert [one.status for one in look()] == ["ok", "ok"]


def test_a_secret_of_more_than_a_year_wants_to_be_rolled(
    look: Look, journal: Journal, engine: Engine
) -> None:
    """The runbook says how, without an outage."""
    in_use(engine, journal, new=366)
    journal.event("evt_1", secret=0, received_at=journal.now)

    (found,) = look(STRIPE_WEBHOOK_SECRET=SIGNING_SECRET)

    assert (found.status, "in use for 366 d" in found.told) == ("warn", True)
    assert "Roll it" in found.todo


def test_a_secret_that_no_receiver_knows_yet_is_told(look: Look) -> None:
    """It stands in the settings, and web runs with those it was started with."""
    (found,) = look(STRIPE_WEBHOOK_SECRET=SIGNING_SECRET)

    assert (found.status, "Restart web" in found.todo) == ("warn", True)
    assert look(STRIPE_WEBHOOK_SECRET=None) == []
