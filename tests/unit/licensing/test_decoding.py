"""Reading bodies and queries strictly."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing import bodies
from licensing.decoding import decode_body, read_choice, read_limit, read_moment, read_text
from licensing.errors import Refusal


def refusal(raw: bytes, kind: type[bodies.Body] = bodies.ProductCreate) -> tuple[int, str]:
    with pytest.raises(Refusal) as caught:
        decode_body(raw, kind)
    return caught.value.status, caught.value.code


@pytest.mark.parametrize(
    "raw",
    [b"", b"x", b'"text"', b'{"name":1,"code":"c"}', b'{"name":"n","code":"c","x":1}', b"\xff"],
)
def test_what_can_not_be_read_is_a_bad_request(raw: bytes) -> None:
    """No JSON, no object, a wrong type, an unknown field."""
    assert refusal(raw) == (400, "INVALID_JSON")


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b'{"name":"n"}', bodies.ProductCreate),
        (b'{"name":"","code":"c"}', bodies.ProductCreate),
        (b'{"name":"n\\u0000","code":"c"}', bodies.ProductCreate),
        (b'{"name":"n","code":"c","license_type":"eternal"}', bodies.PolicyCreate),
        (b'{"extend_by_days":0}', bodies.LicenseRenew),
        (b'{"name":"n","scopes":["root"]}', bodies.ApiKeyCreate),
    ],
)
def test_what_breaks_a_bound_is_unprocessable(raw: bytes, kind: type[bodies.Body]) -> None:
    """A missing field, an empty text, a value outside its list or range."""
    assert refusal(raw, kind) == (422, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "raw", [b'{"expires_at":"2027-01-01T00:00:00"}', b'{"expires_at":"today"}']
)
def test_a_moment_needs_its_zone(raw: bytes) -> None:
    """Without one nobody could tell which moment is meant."""
    assert refusal(raw, bodies.LicenseRenew) == (400, "INVALID_JSON")


@given(st.binary(max_size=200))
def test_no_bytes_at_all_are_an_error_of_ours(raw: bytes) -> None:
    """Whatever comes is read or refused."""
    try:
        read = isinstance(decode_body(raw, bodies.ProductUpdate), bodies.ProductUpdate)
    except Refusal as refused:
        read = refused.status in (400, 422)

    assert read


def test_what_was_sent_is_told_from_what_was_left_out() -> None:
    """Only sent fields change anything; moments come in UTC."""
    raw = b'{"expires_at":"2027-01-01T01:00:00+01:00","order_id":""}'

    values = bodies.given(decode_body(raw, bodies.LicenseRenew))

    assert values == {"expires_at": datetime(2027, 1, 1, tzinfo=UTC), "order_id": ""}


def test_an_empty_id_means_no_link() -> None:
    """In the named fields, and only where they were sent."""
    sent = {"customer_id": "", "order_id": "ord_1", "customer_name": ""}

    linked = bodies.linked(sent, "customer_id", "order_id", "subscription_id")

    assert linked == {"customer_id": None, "order_id": "ord_1", "customer_name": ""}


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_a_moment_that_no_calendar_has_in_utc_is_refused(text: str) -> None:
    """At both ends of the calendar."""
    body = decode_body(f'{{"expires_at":"{text}"}}'.encode(), bodies.LicenseRenew)

    with pytest.raises(Refusal, match="expires_at"):
        bodies.given(body)


@pytest.mark.parametrize(
    ("text", "limit"),
    [(None, 50), ("1", 1), ("007", 7), ("200", 200), ("201", 200), ("9" * 5000, 200)],
)
def test_a_limit_is_fifty_unless_said_and_two_hundred_at_most(text: str | None, limit: int) -> None:
    """More than that is clamped, however large."""
    assert read_limit({} if text is None else {"limit": text}) == limit


@pytest.mark.parametrize("text", ["", "0", "000", "-1", "1.0", " 1", "ten", "٣"])
def test_a_limit_that_is_no_number_is_refused(text: str) -> None:
    """At least one, in plain digits."""
    with pytest.raises(Refusal, match="limit") as caught:
        read_limit({"limit": text})
    assert (caught.value.status, caught.value.code) == (400, "INVALID_QUERY")


def test_filters_that_are_not_there_filter_nothing() -> None:
    """None, and no guess."""
    assert read_text({}, "order_id") is None
    assert read_choice({}, "status", ("active",)) is None
    assert read_moment({}, "expires_before") is None


def test_a_filter_by_time_is_a_moment_with_its_zone() -> None:
    """RFC 3339, and nothing that only looks like it."""
    query = {"expires_after": "2027-01-01T00:00:00Z"}

    assert read_moment(query, "expires_after") == datetime(2027, 1, 1, tzinfo=UTC)
    for text in ("", "2027-01-01", "2027-01-01T00:00:00", "0001-01-01T00:00:00+23:59"):
        with pytest.raises(Refusal, match="expires_after"):
            read_moment({"expires_after": text}, "expires_after")
