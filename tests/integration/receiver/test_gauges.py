"""What the database and Redis tell when the metrics are asked for. On both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

from console.embedded_redis import free_port
from shared.database import transaction
from shared.inbox import raise_hint
from shared.keys import SaleKey, StripeId
from shared.queue import wake
from shared.tables import escrow, events, findings, links, problems, sales, sweep_marks
from webhooks.gauges import READERS, Gauges


def told(gauges: Gauges) -> dict[str, float]:
    """Each gauge by its name and label: `problems/guard`."""
    return {
        "/".join([sample.name.removeprefix("fulfill_"), *sample.labels.values()]): sample.value
        for family in gauges.collect()
        for sample in family.samples
    }


def fill(engine: Engine, now: datetime) -> None:
    """Two sales that wait, one of them leased, and something of everything else."""
    with transaction(engine) as tx:
        for name, minutes in (("sub_1", 10), ("sub_2", 1)):
            key = SaleKey("", False, "subscription", StripeId(name))
            raise_hint(tx, key, now=now - timedelta(minutes=minutes))
        first = tx.execute(sa.select(sa.func.min(sales.c.id))).scalar_one()
        leased = sales.update().where(sales.c.id == first)
        tx.execute(leased.values(lease_until=now + timedelta(minutes=5)))
        wrong = {"sale_id": first, "message": "…", "opened_at": now}
        causes = (("guard", "a"), ("unmapped_price", "b"), ("unmapped_price", "c"))
        tx.execute(problems.insert(), [wrong | {"cause": c, "subject": s} for c, s in causes])
        link = {"account": "", "livemode": False, "kind": "license", "stripe_key": "si_1/1"}
        tx.execute(links.insert(), link | {"mark": "m", "created_at": now})
        link_id = tx.execute(sa.select(links.c.id)).scalar_one()
        kept = {"link_id": link_id, "sealed_key": b"sealed", "created_at": now}
        tx.execute(escrow.insert(), kept | {"licensekit_id": "lic_1", "delivered_at": None})
        tx.execute(escrow.insert(), kept | {"licensekit_id": "lic_2", "delivered_at": now})
        swept = {"livemode": False, "since": now, "swept_at": now}
        for account, hours in (("", 1), ("acct_1", 2), ("acct_2", 3)):
            mark = swept | {"account": account, "moment": now - timedelta(hours=hours)}
            tx.execute(sweep_marks.insert(), mark)
        found = {"examples": [], "checked_at": now - timedelta(minutes=30)}
        tx.execute(findings.insert(), found | {"invariant": "paid_unlicensed", "count": 7})
        for number, (secret, days) in enumerate(((-1, 0), (-1, 2), (0, 0))):
            fetched(tx, f"evt_{number}", secret, now - timedelta(days=days))


def fetched(tx: sa.Connection, event_id: str, secret: int, received_at: datetime) -> None:
    row = {"account": "", "event_id": event_id, "livemode": False, "type": "invoice.paid"}
    moments = {"created_at": received_at, "received_at": received_at}
    kept = {"state": "ignored", "secret": secret, "payload": b"{}"}
    tx.execute(events.insert(), row | moments | kept)


def test_the_page_tells_what_waits_and_what_is_wrong(engine: Engine, redis_url: str) -> None:
    """One look at a graph: how long, how many, and why."""
    fill(engine, datetime.now(UTC))
    wake(redis_url)

    found = told(Gauges(engine, redis_url))

    assert found["inbox_age_seconds"] == pytest.approx(600, abs=60)
    assert found["sweep_lag_seconds/own"] == pytest.approx(3_600, abs=60)
    assert found["sweep_lag_seconds/connected"] == pytest.approx(3 * 3_600, abs=60)
    assert found["finding_age_seconds/paid_unlicensed"] == pytest.approx(1_800, abs=60)
    ages = [name for name in found if "_seconds" in name]
    assert {name: value for name, value in found.items() if name not in ages} == {
        "database_up": 1,
        "sales_due": 2,
        "sales_leased": 1,
        "problems/guard": 1,
        "problems/unmapped_price": 2,
        "keys_undelivered": 1,
        "events_never_delivered": 1,
        "findings/paid_unlicensed": 7,
        "redis_up": 1,
        "wakeups_waiting": 1,
    }


def test_an_empty_installation_waits_for_nothing(engine: Engine) -> None:
    """Zeros, so that a graph begins before the first sale; nothing is told of a Redis not given."""
    found = told(Gauges(engine, ""))

    assert found["inbox_age_seconds"] == found["sales_due"] == found["sales_leased"] == 0
    assert "redis_up" not in found


def test_what_is_down_is_told_and_hides_nothing_else(
    engines: Callable[..., Engine], sqlite_url: str
) -> None:
    """The page must be there on the very day on which something is not."""
    empty = engines(f"{sqlite_url}-of-nobody")

    found = told(Gauges(empty, f"redis://127.0.0.1:{free_port()}/0"))

    assert found == {"database_up": 0, "redis_up": 0}


def test_no_gauge_reads_a_whole_table_that_grows(engine: Engine) -> None:
    """A scrape every few seconds costs the same at a million events."""
    if engine.dialect.name != "sqlite":
        pytest.skip("an empty PostgreSQL prefers to read whole tables")
    asked: list[tuple[str, object]] = []

    def keep(_c: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        asked.append((statement, values))

    with engine.connect() as tx:
        event.listen(engine, "before_cursor_execute", keep)
        for read in READERS:
            read(tx, datetime.now(UTC))
        event.remove(engine, "before_cursor_execute", keep)
        plans = [
            str(row[3])
            for statement, values in asked
            if statement.startswith("SELECT")
            for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]

    small = {"findings", "sweep_marks"}  # a row for each invariant, and for each account
    scans = [p for p in plans if p.startswith("SCAN") and "INDEX" not in p]
    assert {plan.split()[1] for plan in scans} <= small
