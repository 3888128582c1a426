"""`fulfill retry`: sales become due again, and a worker is woken when there is Redis."""

from __future__ import annotations

import json
from typing import Any

import pytest
import redis
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database import reading
from shared.queue import connect, open_queue
from shared.tables import audit, events, sales
from tests.deliveries import subscription_updated
from tests.integration.console.conftest import Fulfill
from tests.integration.console.journal import Journal


def due(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        query = sa.select(sales.c.object_id).where(
            sales.c.wanted_generation > sales.c.seen_generation
        )
        return sorted(connection.scalars(query))


def refused(journal: Journal, event_id: str, subscription: str, **fields: Any) -> None:
    """An event as the receiver keeps it when it must not make its sale due."""
    body = subscription_updated(event_id, subscription, **fields)
    journal.event(event_id, state="refused", reason="not ours then", payload=body, **fields)


def states(engine: Engine) -> list[tuple[str, str, str | None, bool]]:
    """Event, state, reason and whether it has a sale now."""
    with reading(engine) as connection:
        rows = connection.execute(sa.select(events).order_by(events.c.id)).all()
    return [(r.event_id, r.state, r.reason, r.sale_id is not None) for r in rows]


def at_rest(journal: Journal, object_id: str, status: str = "applied") -> int:
    return journal.sale(object_id, status=status)


def test_an_event_is_retried_by_making_its_sale_due(
    fulfill: Fulfill, journal: Journal, engine: Engine
) -> None:
    """The event itself decides nothing: its sale is looked at again as it stands now."""
    sale = at_rest(journal, "sub_1")
    at_rest(journal, "sub_2")
    journal.event("evt_1", sale)

    answer = fulfill("retry", "evt_1", "--json")

    assert answer.exit_code == 0
    assert [one["id"] for one in json.loads(answer.stdout)["raised"]] == ["sub_1"]
    assert due(engine) == ["sub_1"]


def test_all_that_failed_is_retried_and_nothing_else(
    fulfill: Fulfill, journal: Journal, engine: Engine
) -> None:
    """After an outage, one command sets everything going that fell over in it."""
    at_rest(journal, "sub_failed", "failed")
    at_rest(journal, "sub_blocked", "blocked")
    at_rest(journal, "sub_fine")

    assert "1 sale is due now" in fulfill("retry", "--failed").stdout
    assert due(engine) == ["sub_failed"]


def test_events_of_a_time_and_type_are_retried(
    fulfill: Fulfill, journal: Journal, engine: Engine
) -> None:
    """What came in during an outage can be named by the clock."""
    for number, kind in enumerate(["invoice.paid", "invoice.voided"]):
        journal.event(f"evt_{number}", at_rest(journal, f"sub_{number}"), type=kind)

    fulfill("retry", "--since", "2026-11-20", "--until", "2026-11-21", "--type", "invoice.paid")
    assert due(engine) == ["sub_0"]

    fulfill("retry", "--until", "2026-11-20")
    assert due(engine) == ["sub_0"]


def test_a_retry_wakes_a_worker(fulfill: Fulfill, journal: Journal, redis_url: str) -> None:
    """Nobody has to wait for the sweep while Redis is there."""
    at_rest(journal, "sub_1", "failed")

    answer = fulfill("retry", "--failed", "--json", REDIS_URL=redis_url)

    assert json.loads(answer.stdout)["woken"] is True
    with connect(redis_url) as connection:
        assert open_queue(connection).count == 1


@pytest.mark.parametrize("url", [None, "redis://127.0.0.1:1/0"])
def test_without_redis_a_retry_still_counts(
    fulfill: Fulfill, journal: Journal, engine: Engine, url: str | None
) -> None:
    """The database is the queue; Redis only makes it quick."""
    at_rest(journal, "sub_1", "failed")

    answer = fulfill("retry", "--failed", REDIS_URL=url)

    assert answer.exit_code == 0
    assert "the sweep takes them" in answer.stderr
    assert due(engine) == ["sub_1"]


def test_a_retry_of_hundreds_of_sales_lets_new_ones_pass(
    fulfill: Fulfill, journal: Journal, engine: Engine
) -> None:
    """Somebody who buys now must not queue behind last week."""
    for number in range(25):
        at_rest(journal, f"sub_{number}", "failed")

    fulfill("retry", "--failed")

    with reading(engine) as connection:
        assert set(connection.scalars(sa.select(sales.c.urgency))) == {9}


def test_an_event_that_cannot_be_retried_says_why_and_nothing_is_raised(
    fulfill: Fulfill, journal: Journal, engine: Engine
) -> None:
    """Half a retry would leave a person guessing which half."""
    journal.event("evt_1", at_rest(journal, "sub_1"))
    journal.event("evt_ignored", reason="we do not listen to this type")

    answer = fulfill("retry", "evt_1", "evt_ignored", "evt_never")

    assert answer.exit_code == 1
    assert "evt_never never came in here" in answer.stderr
    assert "evt_ignored was ignored: we do not listen to this type" in answer.stderr
    assert due(engine) == []


def test_an_event_of_an_account_is_released_once_the_account_is_served(
    fulfill: Fulfill, journal: Journal, engine: Engine
) -> None:
    """It was kept as delivered, and is read again as if it came in now."""
    refused(journal, "evt_1", "sub_1", account="acct_9")

    before = fulfill("retry", "evt_1")
    after = fulfill("retry", "evt_1", "--json", STRIPE_ACCOUNTS="acct_9")

    assert (before.exit_code, after.exit_code) == (1, 0)
    assert "evt_1 was refused: acct_9 is not in STRIPE_ACCOUNTS" in before.stderr
    assert [(s["account"], s["id"]) for s in json.loads(after.stdout)["raised"]] == [
        ("acct_9", "sub_1")
    ]
    assert due(engine) == ["sub_1"]
    assert states(engine) == [("evt_1", "recorded", None, True)]


def test_an_event_of_the_other_mode_is_released_once_the_key_serves_it(
    fulfill: Fulfill, journal: Journal, engine: Engine
) -> None:
    """After going live, what came in before is not lost."""
    refused(journal, "evt_1", "sub_1", livemode=True)

    assert "STRIPE_SECRET_KEY is a test key" in fulfill("retry", "evt_1").stderr
    assert fulfill("retry", "evt_1", STRIPE_SECRET_KEY="sk_live_1").exit_code == 0
    assert due(engine) == ["sub_1"]


def test_all_refused_events_of_a_time_are_released_together(
    fulfill: Fulfill, journal: Journal, engine: Engine
) -> None:
    """What is still a stranger's stays where it is, and is no fault."""
    for number in range(3):
        refused(journal, f"evt_{number}", f"sub_{number}", account="acct_9")
    refused(journal, "evt_8", "sub_8", account="acct_8")
    journal.event("evt_9", reason="not listened to", payload=b"no event at all")

    answer = fulfill("retry", "--since", "2026-11-20", STRIPE_ACCOUNTS="acct_9")

    assert "3 sales are due now" in answer.stdout
    assert due(engine) == ["sub_0", "sub_1", "sub_2"]
    assert [state for _, state, _, _ in states(engine)] == ["recorded"] * 3 + ["refused", "ignored"]


def test_a_retry_with_a_fault_releases_nothing(
    fulfill: Fulfill, journal: Journal, engine: Engine
) -> None:
    """Neither half of it is done."""
    refused(journal, "evt_1", "sub_1", account="acct_9")

    answer = fulfill("retry", "evt_1", "evt_never", STRIPE_ACCOUNTS="acct_9")

    assert answer.exit_code == 1
    assert due(engine) == []
    assert [state for _, state, _, _ in states(engine)] == ["refused"]


def test_a_released_event_is_a_part_of_the_story_of_its_sale(
    fulfill: Fulfill, journal: Journal
) -> None:
    """It stands there like any other that came in."""
    refused(journal, "evt_1", "sub_1", account="acct_9")
    fulfill("retry", "evt_1", STRIPE_ACCOUNTS="acct_9")

    assert "evt_1" in fulfill("show", "sub_1", STRIPE_ACCOUNTS="acct_9").stdout


def test_a_retry_of_nothing_in_particular_is_refused(fulfill: Fulfill) -> None:
    """An empty command line must not mean everything."""
    assert fulfill("retry").exit_code == 2


def test_redis_is_only_asked_when_something_was_raised(fulfill: Fulfill, redis_url: str) -> None:
    """A retry that finds nothing wakes nobody."""
    answer = fulfill("retry", "--failed", "--json", REDIS_URL=redis_url)

    assert json.loads(answer.stdout) == {"raised": [], "woken": False}
    with redis.Redis.from_url(redis_url) as connection:
        assert connection.dbsize() == 0


def test_a_dry_run_counts_by_status_and_changes_nothing(
    fulfill: Fulfill, journal: Journal, engine: Engine
) -> None:
    """Also what was refused and would be released now is told, and stays refused."""
    for number in range(23):
        at_rest(journal, f"sub_{number:02}", "failed")
    at_rest(journal, "sub_blocked", "blocked")
    refused(journal, "evt_1", "sub_9999", account="acct_9")

    told = json.loads(fulfill("retry", "--failed", "--blocked", "--dry-run", "--json").stdout)
    page = fulfill("retry", "--failed", "--blocked", "--dry-run").stdout
    free = fulfill("retry", "evt_1", "--dry-run", "--json", STRIPE_ACCOUNTS="acct_9").stdout

    assert (told["count"], told["by_status"]) == (24, {"blocked": 1, "failed": 23})
    assert len(told["first"]) == 20
    assert "24 sales would be due." in page
    assert "and 4 more" in page
    assert [one["id"] for one in json.loads(free)["first"]] == ["sub_9999"]
    assert due(engine) == []
    assert [state for _, state, _, _ in states(engine)] == ["refused"]
    assert deeds(engine) == []


def test_a_retry_twice_is_a_retry_once_and_each_is_in_the_audit_log(
    fulfill: Fulfill, journal: Journal, engine: Engine
) -> None:
    """A sale that is due is due; who asked, and for what, is kept."""
    sale = journal.sale("sub_1", status="failed", customer_id="cus_1")
    journal.event("evt_1", sale)

    for _ in range(2):
        fulfill("retry", "--customer", "cus_1", "--status", "failed")

    assert due(engine) == ["sub_1"]
    told = {"customer": "cus_1", "statuses": ["failed"], "sales": 1}
    assert deeds(engine) == [("retry", "cus_1", told)] * 2


def test_a_status_that_does_not_exist_is_told(fulfill: Fulfill) -> None:
    """A slip must not choose nothing in silence."""
    assert fulfill("retry", "--status", "fialed").exit_code == 2


def deeds(engine: Engine) -> list[tuple[str, str, dict[str, Any]]]:
    with reading(engine) as connection:
        rows = connection.execute(sa.select(audit).order_by(audit.c.id)).all()
    return [(row.action, row.subject, row.detail) for row in rows]
