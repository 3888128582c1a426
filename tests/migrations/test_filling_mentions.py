"""What older releases kept only inside of JSON leads to its sale after the migration, too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared import migrations
from shared.database import make_engine, reading, transaction
from shared.mentions import sales_mentioning
from shared.tables import links, mentions, sales
from tests.integration.console.journal import NOON
from tests.postgres import Cluster

BEFORE = "0004"  # the release that had no table of mentions
SALE = {"account": "", "livemode": False, "kind": "subscription", "due_at": NOON, "hinted_at": NOON}
LINK = {"account": "", "livemode": False, "kind": "license", "mark": "m", "created_at": NOON}

BOUGHT = {
    "stage": "paid",
    "reason": "sub_1 is active; in_0 is its first invoice",
    "lines": [{"id": "si_1", "price": "price_1", "product": "prod_1", "pricing": None}],
    "payments": [
        {
            "id": "in_1",
            "payment_intent": "pi_1",
            "charge": "ch_1",
            "amount_minor_units": 4900,
            "refunded_minor_units": None,
            "items": [{"invoice_line": "il_1", "deeper": [["py_1"]]}],
        }
    ],
    "subscription": {"id": "sub_1", "ended_at": None, "cancel_at_period_end": False},
}


NOTHING_READ = (None, {}, [], {"lines": []}, {"lines": None, "payments": [None, 1, True, ""]})
MANY = [*range(1001, 2002), *range(5000, 5003)]  # more than are read at once, with a gap


def sold(number: int, bought: object) -> dict[str, Any]:
    return {**SALE, "id": number, "object_id": f"sub_{number}", "bought": bought}


def linked(number: int, sale_id: int | None, key: str, context: object = None) -> dict[str, Any]:
    return {**LINK, "id": number, "sale_id": sale_id, "stripe_key": key, "context": context}


SOLD = [
    sold(1, BOUGHT),
    *(sold(number, None) for number in (2, 3)),
    *(sold(number, {"lines": [{"price": "price_often"}]}) for number in (4, 5, 6)),
    *(sold(number, bought) for number, bought in enumerate(NOTHING_READ, start=10)),
    *(sold(number, {"payments": [{"id": f"in_{number}"}]}) for number in MANY),
]
LINKED = [
    linked(1, 2, "si_2/1", {"invoice": "in_2", "price": "price_2", "quantity": 2}),
    linked(2, 2, "in_2/prod_2"),
    linked(3, 3, "sub_3/prod_2", {"payment": "pi_3", "lines": [{"line": "il_3"}]}),
    linked(4, None, "cus_1", {"invoice": "in_9"}),
    linked(5, None, "pi_9"),
    linked(6, 5, "si_5/1", {"price": "price_often"}),
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def migrated(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """A database of each kind that the release before filled, and this one migrated."""
    if request.param == "sqlite":
        yield from _filled(f"sqlite:///{tmp_path_factory.mktemp('older')}/older.db")
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.database() as url:
        yield from _filled(url)


def _filled(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    migrations.upgrade(engine, BEFORE)
    with transaction(engine) as tx:
        tx.execute(sa.insert(sales), SOLD)
        tx.execute(sa.insert(links), LINKED)
    migrations.upgrade(engine)
    yield engine
    engine.dispose()


def mentioned(engine: Engine, *sale_ids: int) -> set[tuple[str, int]]:
    query = sa.select(mentions).where(mentions.c.sale_id.in_(sale_ids))
    with reading(engine) as tx:
        return {(row.stripe_id, row.sale_id) for row in tx.execute(query)}


def test_every_id_that_a_pass_had_read_leads_to_its_sale(migrated: Engine) -> None:
    """However deep it stands. A sentence that holds an id is none, and neither is what leads to
    the sale by itself, such as its own id, or a product.
    """
    ids = ("si_1", "price_1", "in_1", "pi_1", "ch_1", "il_1", "py_1")

    assert mentioned(migrated, 1) == {(one, 1) for one in ids}


def test_a_record_leads_to_its_sale_by_its_key_and_its_context(migrated: Engine) -> None:
    """A license is kept by its line and unit: the line alone is the id."""
    assert mentioned(migrated, 2) == {("si_2", 2), ("in_2", 2), ("price_2", 2)}
    assert mentioned(migrated, 3) == {("pi_3", 3), ("il_3", 3)}


@pytest.mark.parametrize("stripe_id", ["in_9", "pi_9", "cus_1"])
def test_a_record_that_hangs_on_no_sale_leads_to_none(migrated: Engine, stripe_id: str) -> None:
    """A customer's record is shared by all sales of the buyer, and found by the buyer."""
    with reading(migrated) as tx:
        assert sales_mentioning(tx, stripe_id, limit=10) == set()


def test_an_id_of_many_sales_leads_to_each_the_newest_first(migrated: Engine) -> None:
    """A price is sold again and again; a sale and its record that name it are one."""
    with reading(migrated) as tx:
        assert sales_mentioning(tx, "price_often", limit=10) == {4, 5, 6}
        assert sales_mentioning(tx, "price_often", limit=2) == {5, 6}


def test_more_sales_than_are_read_at_once_are_all_filled(migrated: Engine) -> None:
    """The next part begins after the last number read, not a thousand numbers on."""
    assert mentioned(migrated, *MANY) == {(f"in_{number}", number) for number in MANY}


def test_a_sale_of_which_nothing_was_read_is_no_obstacle(migrated: Engine) -> None:
    """Its first pass writes its ids; the migration comes to its end."""
    assert mentioned(migrated, *range(10, 10 + len(NOTHING_READ))) == set()
    assert migrations.missing(migrated) is None
