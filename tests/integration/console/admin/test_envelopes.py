"""Whatever goes wrong under /stripe/admin, the answer comes in LicenseKit's envelope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy.engine import Engine
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from structlog.testing import capture_logs

from console.admin.desk import Desk
from console.admin.serving import admin_routes
from console.admin.shapes import Meta
from console.admin.values import Answer, Call, Operation
from console.http import BODY_LIMIT_BYTES
from shared.settings import Settings
from tests.integration.console.admin.conftest import Door
from tests.worlds.office import serve_desk
from tests.worlds.web import serve_app

ADMIN = "/stripe/admin"


def told(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"error", "meta"}
    assert body["meta"]["request_id"] == answer.headers["x-request-id"]
    return answer.status_code, body["error"]["code"]


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/sales", "/sales/a/b", "/catalog/"])
def test_a_path_that_is_not_there(one_door: Door, path: str) -> None:
    """404, also without a token: there is nothing to protect."""
    assert told(one_door.client.get(ADMIN + path)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/mappings", "GET, HEAD, POST"),
        ("POST", "/fulfillments", "GET, HEAD"),
        ("GET", "/sales/sub_1/reconcile", "POST"),
        ("PUT", "/sales/own/test/subscription/sub_1", "GET, HEAD"),
    ],
)
def test_a_method_that_a_path_does_not_take(
    one_door: Door, method: str, path: str, allowed: str
) -> None:
    """405, with those that it takes."""
    answer = one_door.client.request(method, ADMIN + path)

    assert told(answer) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == allowed


def test_a_parameter_that_nobody_knows_or_that_is_given_twice(one_door: Door) -> None:
    """400, with all faults."""
    answer = one_door.client.get(f"{ADMIN}/events?limit=1&limit=2&colour=red&state=happy")

    assert told(answer) == (400, "INVALID_QUERY")
    for name in ("limit: is given twice", "colour: ", "state: "):
        assert name in answer.json()["error"]["detail"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", (400, "INVALID_JSON")),
        (b'{"force": tru', (400, "INVALID_JSON")),
        (b'{"forced": true}', (400, "UNKNOWN_FIELD")),
        (b'{"force": "true"}', (422, "VALIDATION_ERROR")),
        (b"[]", (422, "VALIDATION_ERROR")),
        (b'"' + b"x" * BODY_LIMIT_BYTES + b'"', (413, "TOO_LARGE")),
    ],
    ids=["empty", "broken", "unknown", "mistyped", "list", "large"],
)
def test_a_body_with_faults(one_door: Door, raw: bytes, expected: tuple[int, str]) -> None:
    """As LicenseKit answers it: 400 for what it can't read or doesn't know, else 422."""
    answer = one_door.client.post(f"{ADMIN}/sales/sub_1/reconcile", content=raw)

    assert told(answer) == expected


def test_without_a_setting_of_the_workers_a_pass_is_refused(
    make_settings: Callable[..., Settings], sqlite_url: str, engines: Callable[..., Engine]
) -> None:
    """503, with the setting's name and what to do."""
    settings = make_settings(DATABASE_URL=sqlite_url, LICENSEKIT_API_TOKEN=None)
    with serve_desk(Desk(settings, engines(sqlite_url), lambda: None)) as client:
        plan = client.get(f"{ADMIN}/sales/sub_1/plan")
        catalog = client.get(f"{ADMIN}/licensekit/catalog")

    assert told(plan) == told(catalog) == (503, "SETTINGS_MISSING")
    assert plan.json()["error"]["detail"] == "missing: LICENSEKIT_API_TOKEN"


def test_a_database_that_is_down_is_told_without_its_address(
    make_settings: Callable[..., Settings], engines: Callable[..., Engine]
) -> None:
    """503: what happened, what it means, what to do, when it heals."""
    url = "postgresql+psycopg://ann:secret-password@127.0.0.1:9/fulfill"
    settings = make_settings(DATABASE_URL=url)
    with serve_desk(Desk(settings, engines(url), lambda: None)) as client:
        answer = client.get(f"{ADMIN}/mappings")

    assert told(answer) == (503, "STORAGE_UNAVAILABLE")
    assert "secret-password" not in answer.text
    assert "127.0.0.1" not in answer.text


def test_a_fault_of_our_own_is_in_the_log_and_not_in_the_answer(one_door: Door) -> None:
    """500 in the envelope; its text is that of nobody's variables."""

    def broken(_call: Call[Any, Any]) -> Answer:
        raise KeyError("a secret thing")

    row = Operation("x", "GET", "/x", "admin", "x", broken, str, Meta)
    routes = admin_routes(one_door.desk, [row], JSONResponse({}))
    with serve_app(Starlette(routes=routes)) as url, capture_logs() as lines:
        header = {"Authorization": "Bearer admin_test"}
        answer = httpx.get(f"{url}{ADMIN}/x", headers=header, trust_env=False)

    assert told(answer) == (500, "INTERNAL_ERROR")
    assert "secret" not in answer.text
    assert [line["event"] for line in lines] == ["admin.broke"]


def test_the_document_is_open_to_everybody(one_door: Door) -> None:
    """It holds no secret, and whoever makes a client has no token yet."""
    answer = httpx.get(f"{one_door.client.base_url}{ADMIN}/openapi.json", trust_env=False)

    assert (answer.status_code, answer.json()["openapi"]) == (200, "3.1.0")
    assert "/stripe/admin/sales/{sale}/plan" in answer.json()["paths"]
