"""What the check tells of what is kept: hints, problems, mappings, license keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from console.doctor import Finding, House
from console.doctor.inbox import look_at_queue
from console.doctor.keys import look_at_escrow, look_at_undelivered
from console.doctor.selling import look_at_mappings, look_at_problems
from console.doctor.visit import Visit, pay_visit
from mappings.store import set_mapping
from shared import tables
from shared.database import transaction
from shared.secrets import Secret, Vault, new_key
from shared.settings import Settings
from tests.conftest import FERNET_KEY
from tests.integration.console.journal import NOON, Journal
from tests.unit.mappings.examples import draft
from tests.worlds.clock import FixedClock

Look = Callable[..., Finding]
SILENT = {"STRIPE_API_BASE": "http://127.0.0.1:1", "LICENSEKIT_BASE_URL": "http://127.0.0.1:1"}


@pytest.fixture
def look(make_settings: Callable[..., Settings], engine: Engine) -> Look:
    def run(take: Callable[[Visit], list[Finding]], **changes: str | None) -> Finding:
        settings = make_settings(**SILENT, **changes)
        with pay_visit(House(settings, engine, {}, FixedClock(NOON))) as visit:
            (finding,) = take(visit)
            return finding

    return run


def keep_key(journal: Journal, number: int, *, days_ago: int = 0, delivered: bool = False) -> None:
    """A license key in escrow."""
    row = {
        "licensekit_id": f"lic_{number}",
        "link_id": journal.link("license", f"si_{number}/1", f"lic_{number}"),
        "sealed_key": Vault([Secret(FERNET_KEY)]).seal(Secret("LK-1234")),
        "created_at": NOON - timedelta(days=days_ago),
        "delivered_at": NOON if delivered else None,
    }
    with transaction(journal.engine) as connection:
        connection.execute(sa.insert(tables.escrow), row)


def test_a_hint_that_waits_too_long_fails(look: Look, journal: Journal) -> None:
    """When nobody works, the buyers are the first to notice."""
    assert look(look_at_queue).told == "no sale waits"
    journal.sale("sub_1", wanted_generation=1, hinted_at=NOON - timedelta(minutes=1))
    assert look(look_at_queue).status == "ok"

    journal.sale("sub_2", wanted_generation=1, hinted_at=NOON - timedelta(hours=1))
    found = look(look_at_queue)

    assert found.status == "fail"
    assert found.told == "2 waiting, the oldest hint for 60 min"


def test_open_problems_are_counted_by_cause(look: Look, journal: Journal) -> None:
    """They wait for a person, and a person runs the check."""
    assert look(look_at_problems).status == "ok"
    for number in range(2):
        journal.problem(journal.sale(f"sub_{number}"), "unmapped_price", "price_1", "map it")
    journal.problem(journal.sale("sub_9"), "guard", "sub_9", "look")

    found = look(look_at_problems)

    assert (found.status, found.told) == (
        "warn",
        "3 wait for a person: 2 unmapped_price, 1 guard",
    )


def test_mappings_are_counted_in_the_mode_that_is_served(look: Look, engine: Engine) -> None:
    """A shop that mapped nothing, or only in the other mode, sells no license."""
    with transaction(engine) as connection:
        set_mapping(connection, draft(livemode=True), now=NOON, by="ann")
    assert "nothing that is sold has a license" in look(look_at_mappings).told

    with transaction(engine) as connection:
        set_mapping(connection, draft(), now=NOON, by="ann")

    assert look(look_at_mappings).told == "1 in the mode that is served"


def test_mappings_of_an_account_that_is_not_served_are_told(look: Look, engine: Engine) -> None:
    """Its sales would never be fulfilled, however good the mapping."""
    with transaction(engine) as connection:
        set_mapping(connection, draft(account="acct_1"), now=NOON, by="ann")

    assert "refused: acct_1" in look(look_at_mappings).told
    assert look(look_at_mappings, STRIPE_ACCOUNTS="acct_1").status == "ok"


def test_a_license_key_that_can_not_be_opened_fails(look: Look, journal: Journal) -> None:
    """Better to learn of a lost encryption key now than from a buyer."""
    assert look(look_at_escrow).told == "no license key is kept yet"
    keep_key(journal, 1)
    assert look(look_at_escrow).status == "ok"

    found = look(look_at_escrow, FULFILL_ENCRYPTION_KEYS=new_key().reveal())

    assert (found.status, "can't be opened" in found.told) == ("fail", True)


def test_keys_that_nobody_was_given_are_counted(look: Look, journal: Journal) -> None:
    """With how long the oldest has waited."""
    keep_key(journal, 1, delivered=True, days_ago=9)
    assert look(look_at_undelivered).status == "ok"
    keep_key(journal, 2, days_ago=5)
    keep_key(journal, 3)

    found = look(look_at_undelivered)

    assert (found.status, found.told) == ("warn", "2 kept and not given out, the oldest for 5 d")
