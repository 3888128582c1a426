"""Which sales a retry is about."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from console.retries import (
    AT_ONCE,
    Received,
    Wanted,
    batches,
    choose_sales,
    raise_batch,
    sales_of_events,
)
from shared.database import reading
from shared.keys import SaleKey, StripeId
from shared.tables import sales
from tests.integration.console.journal import NOON, Journal


def key(number: int, account: str = "") -> SaleKey:
    return SaleKey(account, False, "subscription", StripeId(f"sub_{number}"))


def test_several_events_of_one_sale_are_one_retry(engine: Engine, journal: Journal) -> None:
    """A sale is looked at once, however many of its events are named."""
    sale = journal.sale("sub_1")
    journal.event("evt_1", sale)
    journal.event("evt_2", sale)

    with reading(engine) as connection:
        keys, faults = sales_of_events(connection, ["evt_1", "evt_2"])

    assert (keys, faults) == ({key(1)}, [])


def test_one_event_id_in_two_accounts_means_both_sales(engine: Engine, journal: Journal) -> None:
    """Ids are unique within an account only."""
    journal.event("evt_1", journal.sale("sub_1"))
    journal.event("evt_1", journal.sale("sub_1", account="acct_2"), account="acct_2")

    with reading(engine) as connection:
        keys, _ = sales_of_events(connection, ["evt_1"])

    assert keys == {key(1), key(1, "acct_2")}


def test_no_event_at_all_is_no_sale(engine: Engine) -> None:
    """An empty list asks for nothing."""
    with reading(engine) as connection:
        assert sales_of_events(connection, []) == (set(), [])


def test_what_was_handed_over_to_another_sale_is_not_retried_by_itself(
    engine: Engine, journal: Journal
) -> None:
    """The sale it belongs to is retried, if that failed."""
    sale = journal.sale("sub_1", status="failed")
    journal.sale("in_1", status="failed", moved_to=sale)

    with reading(engine) as connection:
        assert choose_sales(connection, Wanted(statuses=("failed",))) == {key(1)}


def test_the_time_of_a_retry_is_when_we_received_not_when_stripe_created(
    engine: Engine, journal: Journal
) -> None:
    """An outage is known by our own clock. Since counts from that moment, until ends before it."""
    for number in range(3):
        journal.event(f"evt_{number}", journal.sale(f"sub_{number}"))
        journal.now += timedelta(hours=1)

    def received(since: int | None, until: int | None) -> set[SaleKey]:
        moments = [None if h is None else NOON + timedelta(hours=h) for h in (since, until)]
        with reading(engine) as connection:
            return choose_sales(connection, Wanted(received=Received(*moments)))

    assert received(1, None) == {key(1), key(2)}
    assert received(None, 1) == {key(0)}
    assert received(1, 2) == {key(1)}
    assert received(None, None) == set()  # nothing in particular is nothing


def test_many_sales_are_raised_in_one_order_and_in_parts() -> None:
    """Two who raise the same sales never wait for each other, and nobody waits long for them."""
    keys = {key(number, account) for number in range(400) for account in ("", "acct_1")}

    parts = batches(keys)

    assert [len(part) for part in parts] == [AT_ONCE, 300]
    flat = [one for part in parts for one in part]
    assert set(flat) == keys
    assert flat == sorted(flat, key=lambda one: (one.account, one.id))


def test_raising_makes_a_sale_due_now_even_when_it_was_put_off(
    engine: Engine, journal: Journal
) -> None:
    """A person who retries does not want to wait for the next attempt of its own."""
    later = NOON + timedelta(hours=5)
    journal.sale("sub_1", wanted_generation=1, due_at=later, attempts=4, status="failed")

    raise_batch(engine, [key(1)], now=NOON, total=1)

    with reading(engine) as connection:
        row = connection.execute(sa.select(sales)).one()
    assert (row.wanted_generation, row.due_at, row.attempts) == (2, NOON, 0)


def test_a_sale_nobody_knew_is_raised_too(engine: Engine) -> None:
    """Its first hint may be the retry itself."""
    raise_batch(engine, [key(7)], now=NOON, total=1)

    with reading(engine) as connection:
        assert connection.scalar(sa.select(sales.c.object_id)) == "sub_7"
