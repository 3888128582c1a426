"""What a person decided about a sale: one decision holds at a time, and all stay on record."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database import reading, transaction
from tests.integration.console.journal import NOON, Journal
from worker.decisions import (
    Decided,
    Release,
    end_decision,
    open_decision,
    read_decided,
    read_open,
)
from worker.state import Decision

LATER = NOON + timedelta(hours=1, microseconds=7)
HOLD = Decision("hold", "the card was stolen – „wirklich“ 🙂", "ada@desk", NOON)
CANCEL = Decision("cancel", "sold by mistake", "token:support", LATER)
RELEASE = Release("bob@desk", "it was found again", LATER)


def open_(engine: Engine, sale_id: int, decision: Decision) -> None:
    with transaction(engine) as tx:
        open_decision(tx, sale_id, decision)


def end(engine: Engine, sale_id: int, release: Release = RELEASE) -> None:
    with transaction(engine) as tx:
        end_decision(tx, sale_id, release)


def holds(engine: Engine, sale_id: int) -> Decision | None:
    with reading(engine) as tx:
        return read_open(tx, sale_id)


def history(engine: Engine, *sale_ids: int) -> list[Decided]:
    with reading(engine) as tx:
        return read_decided(tx, sale_ids)


def test_what_was_decided_holds_until_it_is_released(engine: Engine) -> None:
    """Word for word, and of this sale only; the history keeps who ended it and why."""
    journal = Journal(engine)
    mine, other = journal.sale("sub_1"), journal.sale("sub_2")
    open_(engine, mine, HOLD)
    open_(engine, other, CANCEL)

    before = holds(engine, mine)
    end(engine, mine)

    assert (before, holds(engine, mine), holds(engine, other)) == (HOLD, None, CANCEL)
    assert history(engine, mine, other) == [
        Decided(mine, HOLD, RELEASE),
        Decided(other, CANCEL, None),
    ]


def test_a_sale_has_one_open_decision_at_the_most(engine: Engine) -> None:
    """The database sees to it, whoever writes at the same moment; after a release there is room."""
    sale = Journal(engine).sale("sub_1")
    open_(engine, sale, HOLD)

    with pytest.raises(sa.exc.IntegrityError):
        open_(engine, sale, CANCEL)
    assert holds(engine, sale) == HOLD

    end(engine, sale)
    open_(engine, sale, CANCEL)
    assert holds(engine, sale) == CANCEL
    assert [one.decision.kind for one in history(engine, sale)] == ["hold", "cancel"]


def test_a_release_ends_what_is_open_and_rewrites_no_history(engine: Engine) -> None:
    """Who ended an earlier decision stays named; where none is open nothing happens."""
    sale = Journal(engine).sale("sub_1")
    late = Release("eve@desk", "once more", LATER + timedelta(days=1))
    open_(engine, sale, HOLD)
    end(engine, sale)
    end(engine, sale, late)
    open_(engine, sale, CANCEL)
    end(engine, sale, late)

    assert history(engine, sale) == [Decided(sale, HOLD, RELEASE), Decided(sale, CANCEL, late)]


def test_a_sale_without_decisions_has_no_history(engine: Engine) -> None:
    """Billing decides, and no sale at all is no question."""
    sale = Journal(engine).sale("sub_1")

    assert (holds(engine, sale), history(engine, sale), history(engine)) == (None, [], [])
