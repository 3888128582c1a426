"""What was done is written before and after, with the effect it had."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database import reading, transaction
from shared.inbox import raise_hint
from shared.journal import (
    Closing,
    ProblemEntry,
    Span,
    StepEntry,
    close_pass,
    fail_step,
    finish_step,
    open_pass,
    replace_problems,
    start_step,
)
from shared.tables import passes, problems, steps
from tests.integration.worker.queue import sale
from tests.worlds.sales import NOW
from worker.lease import find_sale

LATER = NOW + timedelta(seconds=3)
STEP = StepEntry("renew/lic_1", "renew lic_1", "paid")


@pytest.fixture
def sale_id(engine: Engine) -> int:
    with transaction(engine) as tx:
        raise_hint(tx, sale(), now=NOW)
        found = find_sale(tx, sale())
    assert found is not None
    return found


@pytest.fixture
def pass_id(engine: Engine, sale_id: int) -> int:
    with transaction(engine) as tx:
        return open_pass(tx, sale_id, Span(0, 1), worker="one", now=NOW)


def rows(engine: Engine, table: sa.Table) -> list[Any]:
    with reading(engine) as tx:
        return list(tx.execute(sa.select(table).order_by(table.c.id)))


def test_a_pass_is_running_until_it_is_closed(engine: Engine, pass_id: int) -> None:
    """What it made is kept with it."""
    closing = Closing("applied", plan={"steps": []}, order_ids=["ord_1"], license_ids=["lic_1"])

    with transaction(engine) as tx:
        close_pass(tx, pass_id, closing, now=LATER)

    (row,) = rows(engine, passes)
    assert (row.status, row.started_at, row.finished_at) == ("applied", NOW, LATER)
    assert (row.order_ids, row.license_ids, row.plan) == (["ord_1"], ["lic_1"], {"steps": []})


def test_pain_04_a_pass_whose_worker_died_is_closed_by_the_next(
    engine: Engine, sale_id: int, pass_id: int
) -> None:
    """Nobody else can, and it must not look as if it ran for ever."""
    with transaction(engine) as tx:
        open_pass(tx, sale_id, Span(0, 2), worker="two", now=LATER)

    lost, fresh = rows(engine, passes)
    assert (lost.status, lost.finished_at, fresh.status) == ("failed", LATER, "running")
    assert "worker that ran this pass is gone" in lost.error


def test_a_step_says_that_it_begins_and_how_it_ended(engine: Engine, pass_id: int) -> None:
    """A crash between leaves it started."""
    with transaction(engine) as tx:
        done = start_step(tx, pass_id, STEP, now=NOW)
        failed = start_step(tx, pass_id, STEP, now=NOW)
        start_step(tx, pass_id, STEP, now=NOW)
    with transaction(engine) as tx:
        finish_step(tx, done, {"license_id": "lic_1"}, now=LATER)
        fail_step(tx, failed, "LicenseKit was down [request req_1]", now=LATER)

    assert [(row.status, row.result, row.error) for row in rows(engine, steps)] == [
        ("done", {"license_id": "lic_1"}, None),
        ("failed", None, "LicenseKit was down [request req_1]"),
        ("started", None, None),
    ]


def test_a_problem_that_stays_keeps_the_day_it_was_opened_and_a_mended_one_goes(
    engine: Engine, sale_id: int
) -> None:
    """A sale's open problems are those that its last pass found."""
    stays = ProblemEntry("unmapped_price", "price_1", "map it", "si_1")
    with transaction(engine) as tx:
        gone = ProblemEntry("policy_missing", "pol_1", "make it", "si_2")
        replace_problems(tx, sale_id, [stays, gone, gone], now=NOW)

    with transaction(engine) as tx:
        fresh = ProblemEntry("guard", "sub_1", "look at it")
        replace_problems(tx, sale_id, [stays, fresh], now=LATER)

    assert [(row.cause, row.opened_at) for row in rows(engine, problems)] == [
        ("unmapped_price", NOW),
        ("guard", LATER),
    ]


def test_a_sale_without_problems_has_none(engine: Engine, sale_id: int) -> None:
    """All of them go when nothing is in the way any more."""
    with transaction(engine) as tx:
        replace_problems(tx, sale_id, [ProblemEntry("guard", "sub_1", "look")], now=NOW)
        replace_problems(tx, sale_id, [], now=LATER)

    assert rows(engine, problems) == []
