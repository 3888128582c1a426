"""How a query string becomes a question about the log."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from console.fulfillment_routes import read_question
from console.fulfillments.values import DEFAULT_LIMIT, Filters
from console.http import HttpError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_an_empty_query_asks_for_the_first_page_of_everything() -> None:
    """The defaults are those of the command line."""
    question = read_question({}, now=NOW)

    assert question.filters == Filters()
    assert (question.limit, question.cursor) == (DEFAULT_LIMIT, None)


def test_every_filter_is_read_by_its_name() -> None:
    """The same names as on the command line."""
    question = read_question(
        {
            "sale": "sub_1", "event": "evt_1", "status": "failed", "customer": "cus_1",
            "license": "lic_1", "since": "24h", "until": "2026-11-21", "limit": "7", "cursor": "42",
        },
        now=NOW,
    )  # fmt: skip

    assert question.filters == Filters(
        sale="sub_1",
        event="evt_1",
        status="failed",
        customer="cus_1",
        license="lic_1",
        since=datetime(2026, 11, 20, 12, tzinfo=UTC),
        until=datetime(2026, 11, 21, tzinfo=UTC),
    )
    assert (question.limit, question.cursor) == (7, 42)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"sale": " "}, "sale: is empty"),
        ({"status": "FAILED"}, "status: 'FAILED' is none of applied"),
        ({"since": "soon"}, "since: 'soon' is not a moment"),
        ({"limit": "0"}, "limit: must be a whole number from 1 to 1000"),
        ({"limit": "1e3"}, "limit: must be a whole number"),
        ({"limit": "٣"}, "limit: must be a whole number"),
        ({"cursor": "-5"}, "cursor: must be a whole number"),
        ({"sales": "sub_1"}, "sales: there is no such filter"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(query: dict[str, str], told: str) -> None:
    """A filter with a typing mistake must not return everything."""
    with pytest.raises(HttpError) as refused:
        read_question(query, now=NOW)

    assert (refused.value.status, refused.value.code) == (400, "INVALID_QUERY")
    assert told in (refused.value.detail or "")


def test_all_faults_are_told_together() -> None:
    """One answer is enough to correct all of it."""
    with pytest.raises(HttpError) as refused:
        read_question({"limit": "x", "cursor": "y", "colour": "red"}, now=NOW)

    assert (refused.value.detail or "").count(";") == 2
