"""What the journal answers about a sale. How passes are written: `integration/worker`."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from shared.database import reading, transaction
from shared.inbox import raise_hint
from shared.journal import (
    Closing,
    ProblemEntry,
    Span,
    close_pass,
    open_pass,
    replace_problems,
)
from shared.keys import SaleKey, StripeId
from shared.tables import passes, problems, sales
from tests.worlds.sales import NOW

UNMAPPED = ProblemEntry("unmapped_price", "price_1", "price_1 has no policy. Map it.", "si_1")


@pytest.fixture
def sold(engine: Engine) -> tuple[int, int]:
    """Two sales."""
    with transaction(engine) as tx:
        for name in ("sub_1", "sub_2"):
            raise_hint(tx, SaleKey("", False, "subscription", StripeId(name)), now=NOW)
        one, two = tx.execute(sa.select(sales.c.id).order_by(sales.c.object_id)).scalars()
    return one, two


def has_problems(tx: Connection, sale_id: int) -> bool:
    """Whether any problem of the sale is open."""
    mine = sa.select(problems.c.id).where(problems.c.sale_id == sale_id)
    return tx.execute(mine).first() is not None


def test_a_sale_has_problems_until_they_are_gone(engine: Engine, sold: tuple[int, int]) -> None:
    """Its own ones only; another sale's do not count."""
    one, two = sold
    with transaction(engine) as tx:
        replace_problems(tx, one, [UNMAPPED], now=NOW)
        assert (has_problems(tx, one), has_problems(tx, two)) == (True, False)

        replace_problems(tx, two, [], now=NOW)
        assert has_problems(tx, one)

        replace_problems(tx, one, [], now=NOW)
        assert not has_problems(tx, one)


def test_a_closed_pass_keeps_the_problems_it_found(engine: Engine, sold: tuple[int, int]) -> None:
    """The open ones come and go; the journal remembers."""
    with transaction(engine) as tx:
        number = open_pass(tx, sold[0], Span(0, 1), worker="one", now=NOW)
        close_pass(tx, number, Closing("blocked", problems=[UNMAPPED]), now=NOW)

    with reading(engine) as tx:
        row = tx.execute(sa.select(passes)).one()
    assert (row.status, row.error, row.plan) == ("blocked", None, None)
    assert row.problems == [
        {
            "cause": "unmapped_price",
            "subject": "price_1",
            "line": "si_1",
            "message": "price_1 has no policy. Map it.",
        }
    ]


def test_passes_of_two_sales_run_side_by_side(engine: Engine, sold: tuple[int, int]) -> None:
    """Only a pass of the same sale is taken for lost."""
    with transaction(engine) as tx:
        for sale_id in sold:
            open_pass(tx, sale_id, Span(0, 1), worker="one", now=NOW)

    with reading(engine) as tx:
        assert list(tx.execute(sa.select(passes.c.status)).scalars()) == ["running"] * 2
