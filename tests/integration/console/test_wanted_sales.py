"""What narrows a retry: each wish alone, any two together, and by index all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from console.retries import Received, Wanted, choose_sales
from shared.database import make_engine, reading
from tests.integration.console.journal import NOON, Journal

HOUR = timedelta(hours=1)


@pytest.fixture
def shop(journal: Journal) -> Journal:
    """Three sales of two customers, one hour apart; two have failed."""
    for number, status, customer, kind in (
        (1, "failed", "cus_ada", "invoice.paid"),
        (2, "blocked", "cus_ada", "invoice.voided"),
        (3, "failed", "cus_ben", "invoice.paid"),
    ):
        sale = journal.sale(f"sub_{number}", status=status, customer_id=customer)
        journal.event(f"evt_{number}", sale, type=kind)
        journal.now += HOUR
    journal.link("customer", "cus_ben", "cust_9")
    return journal


def chosen(engine: Engine, **wishes: Any) -> list[str]:
    with reading(engine) as connection:
        return sorted(key.id for key in choose_sales(connection, Wanted(**wishes)))


@pytest.mark.parametrize(
    ("wishes", "found"),
    [
        ({"sale": "sub_2"}, ["sub_2"]),
        ({"sale": "own/test/subscription/sub_2"}, ["sub_2"]),
        ({"customer": "cus_ada"}, ["sub_1", "sub_2"]),
        ({"customer": "cust_9"}, ["sub_3"]),
        ({"statuses": ("failed",)}, ["sub_1", "sub_3"]),
        ({"statuses": ("failed", "blocked")}, ["sub_1", "sub_2", "sub_3"]),
        ({"events": ("evt_1", "evt_2")}, ["sub_1", "sub_2"]),
        ({"received": Received(type="invoice.paid")}, ["sub_1", "sub_3"]),
        ({"received": Received(since=NOON + HOUR)}, ["sub_2", "sub_3"]),
        ({"customer": "cus_ada", "statuses": ("failed",)}, ["sub_1"]),
        ({"customer": "cus_ada", "sale": "sub_3"}, []),
        ({"statuses": ("failed",), "received": Received(since=NOON + HOUR)}, ["sub_3"]),
        ({"events": ("evt_1", "evt_2"), "statuses": ("blocked",)}, ["sub_2"]),
        ({"events": ("evt_1", "evt_3"), "received": Received(until=NOON + HOUR)}, ["sub_1"]),
        ({"sale": "sub_1", "received": Received(type="invoice.voided")}, []),
        ({"customer": "cus_ada", "received": Received(type="invoice.paid")}, ["sub_1"]),
        ({"sale": "sub_never"}, []),
        ({}, []),
    ],
)
def test_what_is_given_narrows_the_rest(
    engine: Engine, shop: Journal, wishes: dict[str, Any], found: list[str]
) -> None:
    """All of it must hold; among several events or statuses any one."""
    assert shop
    assert chosen(engine, **wishes) == found


@contextmanager
def asked(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that is run inside, with its values."""
    found: list[tuple[str, Any]] = []

    def hear(_c: object, _cursor: object, text: str, values: Any, *_: object) -> None:
        found.append((text, values))

    sa.event.listen(engine, "before_cursor_execute", hear)
    yield found
    sa.event.remove(engine, "before_cursor_execute", hear)


@pytest.mark.parametrize(
    "wishes",
    [
        {"sale": "sub_2", "received": Received(type="invoice.paid")},
        {"customer": "cus_ada", "statuses": ("failed",)},
        {"statuses": ("failed",), "received": Received(since=NOON)},
        {"events": ("evt_1",)},
        {"received": Received(since=NOON, until=NOON + HOUR, type="invoice.paid")},
        {"received": Received(since=NOON)},
    ],
)
def test_no_retry_walks_over_all_events_or_sales(sqlite_url: str, wishes: dict[str, Any]) -> None:
    """A million events must not make the night longer."""
    engine = make_engine(sqlite_url)
    with asked(engine) as statements:
        chosen(engine, **wishes)
    with reading(engine) as connection:
        plans = [
            row[-1]
            for text, values in statements
            if text.lstrip().startswith("SELECT")
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
        ]
    engine.dispose()

    assert plans
    assert [line for line in plans if line.startswith("SCAN")] == []
