"""The rows of the log as values: names and forms that scripts rely on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from console.fulfillments.values import STATUSES, UNTOLD, StepRow, sale_json, stamp
from console.looks import COLOURS, status_text
from shared.keys import SaleKey, StripeId


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (None, None),
        (datetime(2026, 11, 20, 12, tzinfo=UTC), "2026-11-20T12:00:00.000Z"),
        (datetime(2026, 11, 20, 12, 0, 0, 123456, UTC), "2026-11-20T12:00:00.123Z"),
        (
            datetime(2026, 11, 20, 12, tzinfo=timezone(timedelta(hours=2))),
            "2026-11-20T10:00:00.000Z",
        ),
    ],
)
def test_moments_are_written_in_utc_with_milliseconds(
    moment: datetime | None, written: str | None
) -> None:
    """One form everywhere, which sorts as text."""
    assert stamp(moment) == written


def test_a_sale_is_named_by_its_four_parts() -> None:
    """Account and mode belong to the name: test and live never meet."""
    key = SaleKey("acct_1", True, "invoice", StripeId("in_1"))

    assert sale_json(key) == {
        "account": "acct_1",
        "livemode": True,
        "kind": "invoice",
        "id": "in_1",
    }


def test_a_step_shows_exactly_the_promised_names() -> None:
    """Its reason is for people and stands in the story."""
    step = StepRow("issue pol_1", "issue/si_1", "failed", "no answer", "si_1 is paid")

    assert step.as_json() == {
        "step": "issue pol_1",
        "key": "issue/si_1",
        "status": "failed",
        "error": "no answer",
    }


def test_every_status_has_one_colour() -> None:
    """The same meaning looks the same on every page; an unknown word stays plain."""
    assert set(STATUSES) <= set(COLOURS)
    assert status_text("applied").style == status_text("settled").style
    assert status_text("something new").style == ""


def test_a_pass_without_an_outcome_is_not_told_by_itself() -> None:
    """The contract knows five outcomes; the others must be asked for."""
    assert [status for status in STATUSES if status not in UNTOLD] == [
        "applied", "settled", "blocked", "refused", "failed",
    ]  # fmt: skip
