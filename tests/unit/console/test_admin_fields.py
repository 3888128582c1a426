"""How a query string or a body becomes a checked value."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from console.admin.events import EventsQuery
from console.admin.fields import Faults, object_schema, read_texts, read_values
from console.admin.fulfillments import FulfillmentsQuery
from console.admin.sales import ReconcileBody
from console.fulfillments.values import DEFAULT_LIMIT

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_an_empty_query_asks_for_the_first_page_of_everything() -> None:
    """The defaults are those of the command line."""
    assert read_texts(FulfillmentsQuery, {}, now=NOW) == FulfillmentsQuery(limit=DEFAULT_LIMIT)


def test_every_filter_is_read_by_its_name() -> None:
    """The same names as on the command line."""
    asked = {
        "sale": "sub_1", "event": "evt_1", "status": "failed", "customer": "cus_1",
        "license": "lic_1", "since": "24h", "until": "2026-11-21", "limit": "7", "cursor": "42",
    }  # fmt: skip

    assert read_texts(FulfillmentsQuery, asked, now=NOW) == FulfillmentsQuery(
        sale="sub_1",
        event="evt_1",
        status="failed",
        customer="cus_1",
        license="lic_1",
        since=datetime(2026, 11, 20, 12, tzinfo=UTC),
        until=datetime(2026, 11, 21, tzinfo=UTC),
        limit=7,
        cursor=42,
    )


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"sale": " "}, "sale: "),
        ({"sale": "sub_1\x00"}, "sale: "),
        ({"sale": ""}, "sale: "),
        ({"state": "RECORDED"}, "state: "),
        ({"since": "soon"}, "since: 'soon' is not a moment"),
        ({"limit": "0"}, "limit: "),
        ({"limit": "1e3"}, "limit: "),
        ({"limit": "1.0"}, "limit: "),
        ({"limit": "null"}, "limit: "),
        ({"limit": "٣"}, "limit: "),
        ({"cursor": "-5"}, "cursor: "),
        ({"cursor": "null"}, "cursor: "),
        ({"delivered": "yes"}, "delivered: "),
        ({"sales": "sub_1"}, "sales: there is no such field"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(query: dict[str, str], told: str) -> None:
    """A filter with a typing mistake must not return everything."""
    with pytest.raises(Faults) as refused:
        read_texts(EventsQuery, query, now=NOW)

    assert told in str(refused.value)
    assert len(refused.value.faults) == 1


def test_all_faults_are_told_together() -> None:
    """One answer is enough to correct all of it."""
    with pytest.raises(Faults) as refused:
        read_texts(EventsQuery, {"limit": "x", "cursor": "y", "colour": "red"}, now=NOW)

    assert [fault.partition(":")[0] for fault in refused.value.faults] == [
        "colour", "limit", "cursor",
    ]  # fmt: skip


@pytest.mark.parametrize("given", ["true", 1, None, [True]])
def test_a_body_is_taken_at_its_word(given: object) -> None:
    """JSON has types of its own: "true" is a text there, and 1 a number."""
    with pytest.raises(Faults) as refused:
        read_values(ReconcileBody, {"force": given}, now=NOW)

    assert not refused.value.unknown


def test_a_field_that_nobody_knows_is_told_apart() -> None:
    """LicenseKit answers it with 400, and any other fault with 422."""
    with pytest.raises(Faults) as refused:
        read_values(ReconcileBody, {"forced": True}, now=NOW)

    assert refused.value.unknown


def test_the_description_of_a_body_is_closed() -> None:
    """What it does not name is refused, and the document says so."""
    schema = object_schema(ReconcileBody)

    assert schema["properties"] == {"force": {"type": "boolean", "default": False}}
    assert (schema["required"], schema["additionalProperties"]) == ([], False)
