"""Each request is measured where it leaves: its name has no id, and what fails is told with one."""

from __future__ import annotations

import pytest
from structlog.contextvars import bound_contextvars

from console.embedded_redis import free_port
from shared.secrets import Secret
from tests.worlds.counts import counted
from tests.worlds.lines import logged
from tests.worlds.scripted import Answer, Script
from worker.errors import PermanentError, TemporaryError
from worker.gateways.licensekit import LicenseKitGateway
from worker.gateways.measuring import name_operation
from worker.gateways.stripe import StripeGateway

KEY = "own/test/subscription/sub_1"


@pytest.mark.parametrize(
    ("method", "url", "name"),
    [
        ("get", "https://api.stripe.com/v1/subscriptions/sub_1", "GET /v1/subscriptions/{id}"),
        (
            "get",
            "https://api.stripe.com/v1/checkout/sessions/cs_test_a1/line_items?limit=100",
            "GET /v1/checkout/sessions/{id}/line_items",
        ),
        ("POST", "http://h/api/v1/licenses/lic_1/renew", "POST /api/v1/licenses/{id}/renew"),
        ("GET", "http://h/v1/whatever/comes?key=secret", "GET /v1/{id}/{id}"),
    ],
)
def test_an_operation_is_named_without_ids_and_queries(method: str, url: str, name: str) -> None:
    """A closed list of words: whatever else stands in a path is shown alike."""
    assert name_operation(method, url) == name


def test_a_service_that_fails_is_told_with_the_sale_and_the_request(
    licensekit: LicenseKitGateway, script: Script
) -> None:
    """The line leads to the sale, and the request id to the service's own log."""
    meta = {"request_id": "req_77", "timestamp": "2026-11-21T12:00:00Z"}
    script.says(Answer(503, {"error": {"code": "BUSY", "message": "busy"}, "meta": meta}))

    with (
        logged() as lines,
        counted() as counts,
        bound_contextvars(key=KEY),
        pytest.raises(TemporaryError),
    ):
        licensekit.revoke_license("lic_1")

    (row,) = lines.rows()
    assert (row["stage"], row["key"], row["request_id"]) == ("licensekit.failed", KEY, "req_77")
    assert (row["operation"], row["status"]) == ("POST /api/v1/licenses/{id}/revoke", 503)
    assert counts.of("fulfill_licensekit_calls_total") == {
        "operation=POST /api/v1/licenses/{id}/revoke,status=503": 1
    }


def test_an_answer_that_is_only_no_is_counted_and_not_told(
    told_stripe: StripeGateway, script: Script
) -> None:
    """That an object is not there is a fact; the pass says what it makes of it."""
    script.says(Answer(404, {"error": {"type": "invalid_request_error", "message": "No such"}}))

    with logged() as lines, counted() as counts, pytest.raises(PermanentError):
        told_stripe.charge("", "ch_1")

    assert lines.stages() == []
    assert counts.of("fulfill_stripe_calls_total") == {
        "operation=GET /v1/charges/{id},status=404": 1
    }


def test_a_service_that_is_not_there_counts_as_no_answer() -> None:
    """A name of its own: nobody said 500."""
    away = LicenseKitGateway(f"http://127.0.0.1:{free_port()}", Secret("lk_1"))
    with counted() as counts, pytest.raises(TemporaryError):
        away.suspend_license("lic_1")
    away.close()

    assert counts.of("fulfill_licensekit_calls_total") == {
        "operation=POST /api/v1/licenses/{id}/suspend,status=no_answer": 1
    }
