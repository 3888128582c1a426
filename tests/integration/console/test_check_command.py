"""`fulfill check`: each line says what is, and what to do about what is not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from mappings.store import set_mapping
from shared import tables
from shared.database import transaction
from shared.secrets import Secret, Vault, new_key
from simulator.server import serve
from simulator.stripe import Stripe
from tests.conftest import FERNET_KEY
from tests.integration.console.conftest import Fulfill
from tests.integration.console.journal import Journal
from tests.integration.mappings.licensekit_shelf import Shelf, serve_shelf
from tests.unit.mappings.examples import draft

NOBODY = "http://127.0.0.1:1"  # nobody listens there
Look = Callable[..., dict[str, tuple[str, str]]]


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with serve_shelf() as shelf:
        shelf.answers_instead = (200, '{"data": []}')
        yield shelf


@pytest.fixture
def stripe_url() -> Iterator[str]:
    stripe = Stripe()
    stripe.add_key("sk_test_123")
    with serve(stripe) as url:
        yield url


@pytest.fixture
def look(fulfill: Fulfill, shelf: Shelf, stripe_url: str, redis_url: str) -> Look:
    """Runs the check with everything there; gives name -> (status, what is told and to do)."""
    whole = {
        "STRIPE_API_BASE": stripe_url,
        "LICENSEKIT_BASE_URL": shelf.url,
        "REDIS_URL": redis_url,
    }

    def run(**changes: str | None) -> dict[str, tuple[str, str]]:
        answer = fulfill("check", "--json", **{**whole, **changes})
        found = json.loads(answer.stdout)
        assert answer.exit_code == int(any(one["status"] == "fail" for one in found))
        return {one["name"]: (one["status"], f"{one['told']} {one['todo']}") for one in found}

    return run


def test_a_fresh_installation_lacks_only_its_mappings(look: Look) -> None:
    """All that is asked for answers; what to sell is for the shop to say."""
    assert {name: status for name, (status, _) in look().items()} == {
        "settings": "ok",
        "database": "ok",
        "queue": "ok",
        "problems": "ok",
        "mappings": "warn",
        "escrow": "ok",
        "redis": "ok",
        "stripe": "ok",
        "licensekit": "ok",
    }


@pytest.mark.parametrize(
    ("name", "changes", "told"),
    [
        ("settings", {"STRIPE_WEBHOOK_SECRET": None}, "STRIPE_WEBHOOK_SECRET is missing"),
        ("database", {"DATABASE_URL": "sqlite:///empty.db"}, "fulfill db upgrade"),
        ("database", {"DATABASE_URL": "postgresql+psycopg://u@127.0.0.1:1/x"}, "can't be read"),
        ("redis", {"REDIS_URL": "redis://127.0.0.1:1/0"}, "no answer"),
        ("stripe", {"STRIPE_SECRET_KEY": "sk_test_unknown"}, "does not know this key"),
        ("stripe", {"STRIPE_SECRET_KEY": None}, "STRIPE_SECRET_KEY is not set"),
        ("stripe", {"STRIPE_API_BASE": NOBODY}, "gives no answer"),
        ("licensekit", {"LICENSEKIT_BASE_URL": NOBODY}, "gives no answer"),
        ("licensekit", {"LICENSEKIT_API_TOKEN": None}, "LICENSEKIT_API_TOKEN is not set"),
        ("escrow", {"FULFILL_ENCRYPTION_KEYS": None}, "FULFILL_ENCRYPTION_KEYS is not set"),
    ],
)  # fmt: skip
def test_what_is_missing_fails_on_its_own_line_with_what_to_do(
    look: Look, name: str, changes: dict[str, str | None], told: str
) -> None:
    """One fault never hides another: every other look is taken all the same."""
    found = look(**changes)

    assert found[name][0] == "fail"
    assert told in found[name][1]
    assert len(found) >= 5


def test_without_redis_a_person_is_told_but_nothing_fails(look: Look) -> None:
    """`fulfill up` runs one of its own."""
    assert look(REDIS_URL=None)["redis"][0] == "warn"


def test_a_hint_that_waits_too_long_fails_the_queue(look: Look, journal: Journal) -> None:
    """When nobody works, the buyers are the first to notice."""
    now = datetime.now(UTC)
    journal.sale("sub_1", wanted_generation=1, hinted_at=now - timedelta(minutes=1))
    assert look()["queue"][0] == "ok"

    journal.sale("sub_2", wanted_generation=1, hinted_at=now - timedelta(hours=1))
    status, told = look()["queue"]

    assert status == "fail"
    assert told.startswith("2 waiting")


def test_open_problems_are_counted(look: Look, journal: Journal) -> None:
    """They wait for a person, and a person runs the check."""
    journal.problem(journal.sale("sub_1"), "unmapped_price", "price_1", "map it")

    status, told = look()["problems"]

    assert status == "warn"
    assert told.startswith("1 wait")


def test_mappings_of_an_account_that_is_not_served_are_told(look: Look, engine: Engine) -> None:
    """Its sales would never be fulfilled, however good the mapping."""
    with transaction(engine) as connection:
        set_mapping(connection, draft(account="acct_1"), now=datetime.now(UTC), by="ann")

    status, told = look()["mappings"]

    assert (status, "refused: acct_1" in told) == ("warn", True)


def test_a_license_key_that_cannot_be_opened_fails_the_check(
    look: Look, journal: Journal, engine: Engine
) -> None:
    """Better to learn of a lost encryption key now than from a buyer."""
    link_id = journal.link("license", "si_1/1", "lic_1")
    sealed = Vault([Secret(FERNET_KEY)]).seal(Secret("LK-1234"))
    row = {"licensekit_id": "lic_1", "link_id": link_id, "sealed_key": sealed}
    with transaction(engine) as connection:
        connection.execute(sa.insert(tables.escrow), {**row, "created_at": journal.now})

    assert look()["escrow"][0] == "ok"
    assert look(FULFILL_ENCRYPTION_KEYS=new_key().reveal())["escrow"][0] == "fail"


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_licensekit_refuses_is_named(look: Look, shelf: Shelf, status: int) -> None:
    """The way is there and only the token is wrong."""
    shelf.answers_instead = (status, "{}")

    assert "refuses our token" in look()["licensekit"][1]


def test_people_read_a_line_a_look_and_never_a_secret(
    fulfill: Fulfill, environment: dict[str, str], tmp_path: Path
) -> None:
    """The page is copied into tickets."""
    answer = fulfill("check", LICENSEKIT_BASE_URL=NOBODY, STRIPE_API_BASE=NOBODY)

    assert answer.exit_code == 1
    assert "licensekit" in answer.stdout
    assert tmp_path.is_dir()
    for secret in environment.values():
        assert secret not in answer.output
