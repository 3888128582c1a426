"""`retry`, `sweep` and `problems` over HTTP: the same verbs as the commands."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from shared.database import reading
from shared.tables import audit, sales, sweeps
from tests.integration.console.admin.conftest import Door
from tests.integration.console.journal import Journal

ADMIN = "/stripe/admin"


def due(door: Door) -> list[str]:
    query = sa.select(sales.c.object_id).where(sales.c.wanted_generation > sales.c.seen_generation)
    with reading(door.engine) as connection:
        return list(connection.scalars(query.order_by(sales.c.object_id)))


def deeds(door: Door) -> list[tuple[str, str, str]]:
    with reading(door.engine) as connection:
        rows = connection.execute(sa.select(audit).order_by(audit.c.id)).all()
    return [(row.who, row.action, row.subject) for row in rows]


@pytest.fixture
def filled(door: Door, journal: Journal) -> Door:
    """A sale that failed, one that is blocked, and one at rest."""
    for name, status in (("sub_1", "failed"), ("sub_2", "blocked"), ("sub_3", "settled")):
        sale = journal.sale(name, customer_id=f"cus_{name[-1]}", status=status)
        journal.event(f"evt_{name[-1]}", sale)
    with door.engine.begin() as connection:
        connection.execute(sa.update(sales).values(wanted_generation=1, seen_generation=1))
    return door


@pytest.mark.parametrize(
    ("body", "raised"),
    [
        ({"failed": True}, ["sub_1"]),
        ({"failed": True, "blocked": True}, ["sub_1", "sub_2"]),
        ({"status": ["settled"]}, ["sub_3"]),
        ({"events": ["evt_2", "evt_3"]}, ["sub_2", "sub_3"]),
        ({"customer": "cus_1", "type": "invoice.paid"}, ["sub_1"]),
        ({"sale": "sub_3", "failed": True}, []),
        ({"since": "2026-11-20", "until": "2026-11-21T00:00:00Z"}, ["sub_1", "sub_2", "sub_3"]),
    ],
)
def test_a_retry_chooses_as_the_command_does(
    filled: Door, body: dict[str, Any], raised: list[str]
) -> None:
    """Dry run first: it says the same and changes nothing. Then the workers are woken."""
    path = f"{ADMIN}/retry"
    header = filled.token("ci", "product:write")

    dry = filled.client.post(path, json={**body, "dry_run": True}, headers=header).json()["data"]
    before = (due(filled), filled.woken[:], deeds(filled))
    wet = filled.client.post(path, json=body, headers=header).json()["data"]

    assert before == ([], [], [])
    assert (dry["count"], wet["count"], due(filled)) == (len(raised), len(raised), raised)
    assert [one["id"] for one in wet["first"]] == [one["id"] for one in dry["first"]] == raised
    assert filled.woken == ["woken"] * bool(raised)
    assert ("token:ci", "retry") in {deed[:2] for deed in deeds(filled)} or not raised


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "VALIDATION_ERROR"),
        ({"dry_run": True}, "VALIDATION_ERROR"),
        ({"status": ["happy"]}, "VALIDATION_ERROR"),
        ({"since": "soon"}, "VALIDATION_ERROR"),
        ({"events": ["evt_never"]}, "NOT_RETRIED"),
    ],
)
def test_a_retry_of_nothing_raises_nothing(filled: Door, body: dict[str, Any], code: str) -> None:
    """Nothing given is not everything, and an event that never came is told."""
    answer = filled.client.post(f"{ADMIN}/retry", json=body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
    assert (due(filled), deeds(filled)) == ([], [])


def test_a_sweep_is_written_down_for_a_scheduler_and_can_be_followed(door: Door) -> None:
    """202 with its number; who asked stands in the sweep and in the audit log."""
    header = door.token("ops", "product:read", "product:write")

    asked = door.client.post(f"{ADMIN}/sweep", json={"since": "90d"}, headers=header)
    number = asked.json()["data"]["id"]
    seen = door.client.get(f"{ADMIN}/sweeps/{number}", headers=header).json()["data"]

    assert asked.status_code == 202
    assert (seen["state"], seen["asked_by"], seen["dry_run"]) == ("wanted", "token:ops", False)
    assert seen["since"].startswith("2026-08-22")
    assert deeds(door) == [("token:ops", "sweep", str(number))]


@pytest.mark.parametrize("body", [{}, {"since": "90d", "all": True}, {"dry_run": True}])
def test_a_sweep_says_of_what(door: Door, body: dict[str, Any]) -> None:
    """Neither everything nor nothing is swept by mistake."""
    assert door.client.post(f"{ADMIN}/sweep", json=body).status_code == 422
    with reading(door.engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(sweeps)) == 0


@pytest.mark.parametrize("number", ["1", str(2**63)])
def test_a_sweep_that_nobody_asked_for_is_not_found(door: Door, number: str) -> None:
    """Also under a number that no database can hold."""
    assert door.client.get(f"{ADMIN}/sweeps/{number}").status_code == 404


def test_problems_are_told_with_what_releases_them(door: Door, journal: Journal) -> None:
    """By cause, as `fulfill problems` has them."""
    sale = journal.sale("sub_1", status="blocked")
    journal.problem(sale, "unmapped_price", "price_1", "price_1 has no policy")

    everything = door.client.get(f"{ADMIN}/problems").json()["data"]
    other = door.client.get(f"{ADMIN}/problems", params={"cause": "guard"}).json()["data"]

    (group,) = everything
    assert (group["cause"], group["subject"], group["count"]) == ("unmapped_price", "price_1", 1)
    assert group["command"].startswith("fulfill mappings set price_1")
    assert other == []
