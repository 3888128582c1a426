"""From an id that a person has in hand to the sales it belongs to. On both databases."""

from __future__ import annotations

from contextlib import suppress

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database import reading, transaction
from shared.mentions import note_mentions, sales_mentioning
from shared.tables import mentions
from tests.integration.console.journal import Journal


@pytest.fixture
def sold(engine: Engine) -> tuple[int, int]:
    """Two sales."""
    journal = Journal(engine)
    return journal.sale("sub_1"), journal.sale("sub_2")


def note(engine: Engine, sale_id: int, *stripe_ids: str) -> None:
    with transaction(engine) as tx:
        note_mentions(tx, sale_id, stripe_ids)


def found(engine: Engine, stripe_id: str, limit: int = 10) -> set[int]:
    with reading(engine) as tx:
        return sales_mentioning(tx, stripe_id, limit=limit)


def rows(engine: Engine) -> list[tuple[str, int]]:
    query = sa.select(mentions).order_by(mentions.c.stripe_id, mentions.c.sale_id)
    with reading(engine) as tx:
        return [(row.stripe_id, row.sale_id) for row in tx.execute(query)]


def test_an_id_leads_to_every_sale_that_it_belongs_to(
    engine: Engine, sold: tuple[int, int]
) -> None:
    """A price is in many sales, a charge in one, and most ids in none."""
    first, second = sold
    note(engine, first, "price_1", "ch_1")
    note(engine, second, "price_1")

    assert found(engine, "price_1") == {first, second}
    assert found(engine, "ch_1") == {first}
    assert found(engine, "ch_2") == set()


def test_an_id_is_found_only_as_it_is_written(engine: Engine, sold: tuple[int, int]) -> None:
    """Neither by a part of it nor in other letters: Stripe's ids differ by case."""
    note(engine, sold[0], "ch_1aB")

    assert [found(engine, near) for near in ("ch_1ab", "ch_1", "ch_%", "CH_1aB")] == [set()] * 4


def test_noting_again_adds_only_what_is_new(engine: Engine, sold: tuple[int, int]) -> None:
    """Each pass reads the same sale again; what was once its own stays so."""
    first, second = sold
    note(engine, first, "ch_1", "ch_1", "in_1")
    note(engine, first, "in_1", "in_2")
    note(engine, first)
    note(engine, second, "in_2")

    assert rows(engine) == [("ch_1", first), ("in_1", first), ("in_2", first), ("in_2", second)]


def test_what_is_known_is_not_written_again(engine: Engine, sold: tuple[int, int]) -> None:
    """A pass over a sale at rest costs one read here."""
    note(engine, sold[0], "ch_1")
    written: list[str] = []

    def keep(_c: object, _cursor: object, statement: str, *_: object) -> None:
        written.append(statement.split(maxsplit=1)[0])

    sa.event.listen(engine, "before_cursor_execute", keep)
    note(engine, sold[0], "ch_1")
    sa.event.remove(engine, "before_cursor_execute", keep)

    assert "INSERT" not in written


def test_a_note_that_does_not_commit_is_not_there(engine: Engine, sold: tuple[int, int]) -> None:
    """It stands or falls with the pass that read the sale."""
    with suppress(RuntimeError), transaction(engine) as tx:
        note_mentions(tx, sold[0], {"ch_1"})
        raise RuntimeError("the program ends here")

    assert rows(engine) == []


def test_a_very_long_subscription_is_noted_whole(engine: Engine, sold: tuple[int, int]) -> None:
    """Ten years of weekly invoices, each with its charge, lines and payment."""
    ids = [f"il_{number}" for number in range(5_000)]

    note(engine, sold[0], *ids)

    assert {name for name, _ in rows(engine)} == set(ids)


def test_of_many_sales_the_newest_are_told(engine: Engine) -> None:
    """A price may be in a million: a page shows some."""
    journal = Journal(engine)
    numbers = [journal.sale(f"sub_{number}") for number in range(6)]
    for number in numbers:
        journal.mentions(number, "price_1")

    assert found(engine, "price_1", limit=2) == set(numbers[-2:])
    assert found(engine, "price_1", limit=6) == set(numbers)
