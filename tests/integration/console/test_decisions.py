"""What a person decides about a sale is written down whole, on each kind of database."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from console.context import CommandError
from console.decisions import Ruling, Verb, Wish, decide
from shared.database import reading
from shared.keys import SaleKey, StripeId
from shared.tables import audit, decisions, sales
from tests.integration.console.journal import NOON, Journal

KEY = SaleKey("", False, "subscription", StripeId("sub_1"))


def wish(engine: Engine, verb: Verb, reason: str = "so", key: SaleKey = KEY) -> Ruling:
    return decide(engine, key, Wish(verb, reason, "ada@desk"), now=NOON)


def rows(engine: Engine, table: sa.Table) -> list[Any]:
    with reading(engine) as tx:
        return list(tx.execute(sa.select(table).order_by(table.c.id)))


def test_a_decision_its_audit_row_and_the_due_sale_are_one(
    engine: Engine, journal: Journal
) -> None:
    """A crash right after leaves a sale that the workers bring to what was decided."""
    journal.sale("sub_1", status="applied")

    wish(engine, "hold", "the card was stolen")

    (decision,), (deed,), (sale,) = (rows(engine, x) for x in (decisions, audit, sales))
    assert (decision.kind, decision.reason, decision.decided_by) == (
        *("hold", "the card was stolen", "ada@desk"),
    )
    assert (deed.action, deed.subject, deed.detail["reason"]) == (
        *("hold", "sub_1", "the card was stolen"),
    )
    assert (sale.wanted_generation, sale.urgency) == (1, 1)


def test_a_sale_that_nobody_knew_may_be_held(engine: Engine) -> None:
    """Its first event may still be on its way."""
    wish(engine, "hold")

    assert [row.object_id for row in rows(engine, sales)] == ["sub_1"]


def test_to_decide_the_same_again_keeps_the_first_word(engine: Engine, journal: Journal) -> None:
    """Who said it first, and why, is what counts; the sale is looked at once more."""
    journal.sale("sub_1")
    wish(engine, "hold", "first")

    again = wish(engine, "hold", "second")

    assert not again.changed
    assert [row.reason for row in rows(engine, decisions)] == ["first"]
    assert len(rows(engine, audit)) == 1
    assert rows(engine, sales)[0].wanted_generation == 2


def test_a_held_sale_may_be_canceled_and_only_a_release_brings_it_back(
    engine: Engine, journal: Journal
) -> None:
    """A license that is revoked can't be held."""
    journal.sale("sub_1")
    wish(engine, "hold")
    wish(engine, "cancel", "it was a fraud")

    with pytest.raises(CommandError, match=r"ada@desk canceled sub_1 .* it was a fraud"):
        wish(engine, "hold")
    wish(engine, "release")
    wish(engine, "hold")

    kinds = [(row.kind, row.released_at is not None) for row in rows(engine, decisions)]
    assert kinds == [("hold", True), ("cancel", True), ("hold", False)]


def test_what_nobody_decided_can_not_be_released(engine: Engine, journal: Journal) -> None:
    """Nothing is raised and nothing noted for it."""
    journal.sale("sub_1")

    with pytest.raises(CommandError, match="Nobody holds sub_1"):
        wish(engine, "release")

    assert (rows(engine, audit), rows(engine, sales)[0].wanted_generation) == ([], 0)


@pytest.mark.parametrize("reason", ["", "   ", "two\nlines", "long" * 200])
def test_a_decision_needs_a_reason_that_fits_on_a_line(engine: Engine, reason: str) -> None:
    """It stands in the sale's story for years."""
    with pytest.raises(CommandError, match="needs a reason"):
        wish(engine, "hold", reason)

    assert rows(engine, sales) == []


def test_a_decision_about_an_object_is_about_the_sale_that_it_belongs_to(
    engine: Engine, journal: Journal
) -> None:
    """An invoice in hand led to its subscription: that is what has licenses."""
    owner = journal.sale("sub_1")
    journal.sale("in_1", moved_to=owner)
    invoice = SaleKey("", False, "invoice", StripeId("in_1"))

    assert wish(engine, "hold", key=invoice).sale == KEY
    assert [row.sale_id for row in rows(engine, decisions)] == [owner]
