"""Requests that no SDK would send: every one gets the error envelope and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.contract.licensing.conftest import ADMIN_TOKEN, Api, Shop

PRODUCTS = "/api/v1/products"


@pytest.fixture
def http(api: Api) -> Iterator[httpx.Client]:
    """A bare HTTP client with the admin token."""
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    with httpx.Client(base_url=api.base_url, headers=headers) as client:
        yield client


def error(answer: httpx.Response) -> tuple[int, str]:
    envelope = answer.json()
    assert envelope.keys() == {"error", "meta"}
    assert envelope["meta"].keys() == {"request_id", "timestamp"}
    assert answer.headers["content-type"] == "application/json"
    return answer.status_code, envelope["error"]["code"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"name": "A", "code": "b", "color": "red"}',
        b'{"name": 5, "code": "b"}',
        b'{"name": null, "code": "b"}',
        b'{"name": "A", "code": "b", "metadata": []}',
        b'{"name": "A", "code": "b", "metadata": ' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
    ],
    ids=[
        "empty",
        "broken",
        "list",
        "null",
        "not UTF-8",
        "unknown field",
        "number",
        "null field",
        "metadata is a list",
        "bottomless",
    ],
)
def test_a_body_that_can_not_be_read_is_a_bad_request(http: httpx.Client, body: bytes) -> None:
    """Invalid JSON, an unknown field or a wrong type: 400."""
    assert error(http.post(PRODUCTS, content=body)) == (400, "INVALID_JSON")


@pytest.mark.parametrize(
    "fields",
    [
        {"code": "b"},
        {"name": "A"},
        {"name": "", "code": "b"},
        {"name": "A", "code": "c" * 256},
        {"name": "A\x00", "code": "b"},
        {"name": "A", "code": "b", "metadata": {"deep": [{"\x00": 1}]}},
    ],
    ids=["no name", "no code", "empty name", "endless code", "NUL", "NUL in metadata"],
)
def test_a_body_that_breaks_a_rule_is_unprocessable(
    http: httpx.Client, fields: dict[str, Any]
) -> None:
    """It can be read, and what it says may not be: 422."""
    assert error(http.post(PRODUCTS, json=fields)) == (422, "VALIDATION_ERROR")


def test_a_text_about_nul_is_not_nul(http: httpx.Client, shop: Shop) -> None:
    """Six characters that spell the escape are six characters."""
    body = rb'{"name": "\\u0000", "code": "%s-spelled"}' % shop.code.encode()

    assert http.post(PRODUCTS, content=body).json()["data"]["name"] == "\\u0000"


def test_a_body_beyond_all_measure_is_refused(http: httpx.Client) -> None:
    """More than a MiB is not read into memory."""
    body = b'{"name": "' + b"A" * (1 << 20) + b'", "code": "b"}'

    assert error(http.post(PRODUCTS, content=body)) == (400, "INVALID_JSON")


@pytest.mark.parametrize("moment", ["1969-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00"])
def test_a_moment_off_the_calendar_breaks_a_rule(
    http: httpx.Client, shop: Shop, moment: str
) -> None:
    """Nothing was licensed before 1970, and the calendar ends with the year 9999."""
    body = {"product_id": shop.product_id, "policy_id": shop.policy(), "expires_at": moment}

    assert error(http.post("/api/v1/licenses", json=body)) == (422, "VALIDATION_ERROR")


@pytest.mark.parametrize("moment", ["2027-01-01", "2027-01-01T00:00:00", "soon", 1800000000])
def test_a_moment_is_written_in_rfc_3339(http: httpx.Client, shop: Shop, moment: object) -> None:
    """With time and zone, as a text."""
    body = {"product_id": shop.product_id, "policy_id": shop.policy(), "expires_at": moment}

    assert error(http.post("/api/v1/licenses", json=body)) == (400, "INVALID_JSON")


def test_a_moment_in_another_zone_is_the_same_moment(http: httpx.Client, shop: Shop) -> None:
    """Answers are in UTC."""
    body = {
        "product_id": shop.product_id,
        "policy_id": shop.policy(),
        "expires_at": "2027-01-01T01:30:00+01:30",
    }
    answer = http.post("/api/v1/licenses", json=body).json()

    assert answer["data"]["license"]["expires_at"] == "2027-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "path", ["/nowhere", "/api/v1/nowhere", "/api/v1/products/", "/api/v1/products/%00", "/api/v2"]
)
def test_a_path_that_leads_nowhere_is_not_found(http: httpx.Client, path: str) -> None:
    """In the envelope, like any other answer."""
    assert error(http.get(path)) == (404, "NOT_FOUND")


def test_a_method_that_a_path_does_not_have_is_told_which_it_has(http: httpx.Client) -> None:
    """405 with the list of methods."""
    answer = http.put(PRODUCTS, json={})

    assert error(answer) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/v1/events"), ("POST", "/api/v1/webhooks"), ("GET", "/metrics")],
)
def test_what_is_not_built_says_so(http: httpx.Client, method: str, path: str) -> None:
    """501, so that nobody takes an empty answer for a true one."""
    assert error(http.request(method, path)) == (501, "NOT_IMPLEMENTED")


def test_health_and_readiness_answer_anybody(api: Api) -> None:
    """No credentials are needed to ask whether the API is there."""
    for path in ("/health", "/healthz"):
        assert httpx.get(api.base_url + path).json()["data"] == {"status": "ok"}
    assert httpx.get(f"{api.base_url}/readyz").json()["data"] == {"status": "ready", "db": "ok"}
