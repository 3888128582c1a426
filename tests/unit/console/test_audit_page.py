"""A deed as a person reads it, and as a program does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

import pytest

from console.audit import AuditRow, Deed
from console.commands.audit import audit_page

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WHEN = "2026-11-20 12:00:00"


def row(detail: Mapping[str, object], subject: str = "sub_1", at: datetime = NOON) -> AuditRow:
    return AuditRow(7, at, Deed("ada@desk", "retry", subject, detail))


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ({}, ""),
        ({"sales": 3, "type": "invoice.paid"}, "sales 3, type invoice.paid"),
        ({"since": None, "how": "", "events": [], "kinds": {}, "sales": 0}, "sales 0"),
        ({"forced": False}, "forced false"),
        ({"events": ["evt_1", "evt_2"]}, 'events ["evt_1", "evt_2"]'),
        ({"reason": "Käufer bat darum 🙏"}, "reason Käufer bat darum 🙏"),
        ({"names": {"ä": 1}}, 'names {"ä": 1}'),
        ({"reason": "[bold]not markup[/bold]"}, "reason [bold]not markup[/bold]"),
    ],
)
def test_details_are_told_in_plain_words(detail: Mapping[str, object], said: str) -> None:
    """What was not asked for is left out; a zero and a no are answers."""
    assert audit_page([row(detail)]).plain == f"{WHEN}  ada@desk  retry  sub_1  {said}"


def test_each_deed_is_a_line_in_utc_also_without_a_subject() -> None:
    """Nothing is wrapped, so that an id can be copied."""
    tokyo = NOON.astimezone(timezone(timedelta(hours=9)))

    told = audit_page([row({"sales": 1}, "", tokyo), row({}, "x" * 200)])

    assert told.plain.splitlines() == [
        f"{WHEN}  ada@desk  retry  sales 1",
        f"{WHEN}  ada@desk  retry  {'x' * 200}  ",
    ]


def test_a_deed_in_json_has_its_number_for_the_next_page() -> None:
    """And its details as they were noted."""
    assert row({"events": ["evt_1"], "since": None}).as_json() == {
        "number": 7,
        "at": "2026-11-20T12:00:00.000Z",
        "who": "ada@desk",
        "action": "retry",
        "subject": "sub_1",
        "detail": {"events": ["evt_1"], "since": None},
    }
