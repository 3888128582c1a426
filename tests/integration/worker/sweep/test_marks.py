"""How far an account's events were swept, kept by account and mode."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from shared.accounts import ServedAccount
from shared.database import reading, transaction
from shared.tables import sweep_marks
from tests.integration.console.journal import NOON, Journal
from tests.integration.worker.sweep.wishes import rows
from worker.sweep.events import read_marks
from worker.sweep.marks import Mark, oldest_event, read_mark, write_mark

OWN, LIVE = ServedAccount("", False), ServedAccount("", True)
PARTNER = ServedAccount("acct_1", False)
MARK = Mark(NOON - timedelta(days=3), NOON)


def write(engine: Engine, account: ServedAccount, mark: Mark) -> None:
    with transaction(engine) as tx:
        write_mark(tx, account, mark, now=NOON)


def oldest(engine: Engine, account: ServedAccount = OWN) -> object:
    with reading(engine) as tx:
        return oldest_event(tx, account)


def test_an_account_has_no_mark_before_its_first_look(engine: Engine) -> None:
    """And is left out where all marks are told."""
    with reading(engine) as tx:
        assert read_mark(tx, OWN) is None
    assert read_marks(engine, [OWN, PARTNER]) == {}


def test_a_mark_that_moves_stays_one_row(engine: Engine) -> None:
    """To the part of a second, in UTC."""
    moved = Mark(MARK.since, NOON + timedelta(seconds=1, microseconds=5))
    write(engine, OWN, MARK)
    write(engine, OWN, moved)

    assert read_marks(engine, [OWN]) == {OWN: moved}
    assert rows(engine, sweep_marks) == 1


def test_accounts_and_modes_have_marks_of_their_own(engine: Engine) -> None:
    """Each goes on where its own look stopped."""
    later = Mark(MARK.since, NOON + timedelta(days=1))
    write(engine, OWN, MARK)
    write(engine, LIVE, later)
    write(engine, OWN, MARK)

    assert read_marks(engine, [PARTNER, LIVE, OWN]) == {LIVE: later, OWN: MARK}


def test_the_oldest_event_is_by_when_it_was_created(engine: Engine) -> None:
    """Not by when it came: an old one may be delivered late."""
    journal = Journal(engine)
    journal.event("evt_new")
    journal.now = NOON - timedelta(days=9)
    journal.event("evt_old")

    assert oldest(engine) == NOON - timedelta(days=9)


@pytest.mark.parametrize(
    "columns",
    [{"account": "acct_1"}, {"livemode": True}, {"state": "refused"}],
    ids=["of another account", "of the other mode", "refused"],
)
def test_an_event_that_was_not_ours_to_take_begins_no_mark(
    engine: Engine, columns: dict[str, object]
) -> None:
    """A stray delivery of years ago would have us fulfill what was sold since."""
    Journal(engine).event("evt_1", **columns)

    assert oldest(engine) is None
