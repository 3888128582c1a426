"""How a hint makes a sale due, and what a batch leaves behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database import reading, transaction
from shared.events.parsing import Served, read_delivery
from shared.inbox import (
    BUYER_WAITS,
    NO_HURRY,
    Duplicate,
    Ignored,
    Recorded,
    due_count,
    oldest_hint,
    raise_hint,
    record,
)
from shared.keys import SaleKey, StripeId
from shared.tables import sales
from tests.deliveries import event, subscription_updated

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
KEY = SaleKey("", False, "subscription", StripeId("sub_1"))


def delivery(body: bytes) -> Any:
    return read_delivery(body, secret=0, served=Served(livemode=False), now=NOW)


def hint(engine: Engine, moment: datetime, **options: Any) -> int:
    with transaction(engine) as tx:
        return raise_hint(tx, KEY, now=moment, **options)


def change_sale(engine: Engine, **values: Any) -> None:
    with transaction(engine) as tx:
        tx.execute(sa.update(sales).values(**values))


def the_sale(engine: Engine) -> Any:
    with reading(engine) as connection:
        return connection.execute(sa.select(sales)).one()


def test_copies_in_one_batch_are_one_event(engine: Engine) -> None:
    """The first of several copies is recorded, the others are duplicates, in their order."""
    once, other = delivery(subscription_updated("evt_1")), delivery(subscription_updated("evt_2"))
    copy = delivery(subscription_updated("evt_1"))
    ignored = delivery(event("evt_3", "payout.paid", {"id": "po_1"}))

    outcomes = record(engine, [other, once, copy, ignored], NOW)

    sale = the_sale(engine).id
    reason = "nothing that is sold depends on events of this type"
    assert outcomes == [Recorded(sale, 2), Recorded(sale, 1), Duplicate(), Ignored(reason)]


def test_a_batch_that_holds_old_events_raises_its_sale_by_the_new_ones_only(
    engine: Engine,
) -> None:
    """Duplicates never make a sale due again."""
    record(engine, [delivery(subscription_updated("evt_1"))], NOW)
    batch = [delivery(subscription_updated(f"evt_{n}")) for n in (1, 2)]

    outcomes = record(engine, batch, LATER)

    assert outcomes == [Duplicate(), Recorded(the_sale(engine).id, 2)]
    assert the_sale(engine).wanted_generation == 2


def test_nothing_to_record_is_nothing_done(engine: Engine) -> None:
    """An empty batch opens no transaction."""
    assert record(engine, [], NOW) == []


def test_a_new_hint_makes_a_sale_due_now_that_a_failure_had_put_off(engine: Engine) -> None:
    """Something changed at Stripe, so the next try need not wait and starts its count anew."""
    hint(engine, NOW)
    change_sale(engine, due_at=NOW + timedelta(hours=6), attempts=9)

    generation = hint(engine, LATER)

    sale = the_sale(engine)
    assert (generation, sale.due_at, sale.attempts) == (2, LATER, 0)


def test_while_a_hint_waits_its_time_and_urgency_are_kept(engine: Engine) -> None:
    """Later hints don't push a waiting sale back in the row."""
    hint(engine, NOW, urgency=BUYER_WAITS)

    hint(engine, LATER, urgency=NO_HURRY)

    sale = the_sale(engine)
    assert (sale.hinted_at, sale.due_at, sale.urgency) == (NOW, NOW, BUYER_WAITS)


def test_a_sale_at_rest_starts_anew_with_its_next_hint(engine: Engine) -> None:
    """When all hints were seen the next one brings its own time and urgency."""
    hint(engine, NOW, urgency=BUYER_WAITS)
    change_sale(engine, seen_generation=1)

    hint(engine, LATER, urgency=NO_HURRY)

    sale = the_sale(engine)
    assert (sale.hinted_at, sale.due_at, sale.urgency) == (LATER, LATER, NO_HURRY)


def test_the_health_check_sees_how_many_wait_and_how_long(engine: Engine) -> None:
    """Only hints that no pass has seen count."""
    hint(engine, NOW)
    with reading(engine) as connection:
        assert (due_count(connection), oldest_hint(connection)) == (1, NOW)

    change_sale(engine, seen_generation=1)

    with reading(engine) as connection:
        assert (due_count(connection), oldest_hint(connection)) == (0, None)
