"""To whom the views' routes tell nothing, and which pages may read what they tell."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.orders import Purchase
from tests.integration.app.views.signing import USER, Dashboard
from tests.worlds.installing import GUEST


def headers_of(case: str, dashboard: Dashboard, own: str) -> dict[str, Any]:
    signed = dashboard.signature
    return {
        "none": {},
        "forged": {"Stripe-Signature": signed(own, secret="absec_another")},
        "stale": {"Stripe-Signature": signed(own, late=-301)},
        "from the future": {"Stripe-Signature": signed(own, late=301)},
        "of another account": {"Stripe-Signature": signed(GUEST)},
        "of a webhook": {"Stripe-Signature": signed(own, secret="whsec_test_first")},
        "not ASCII": {"Stripe-Signature": "t=1,v1=ä".encode("latin-1")},
        "not UTF-8": {"Stripe-Signature": b"t=\xff\xfe,v1=\xff"},
        "no time": {"Stripe-Signature": "v1=" + "0" * 64},
    }[case]


CASES = ("none", "forged", "stale", "from the future", "of another account", "of a webhook")


@pytest.mark.parametrize("case", [*CASES, "not ASCII", "not UTF-8", "no time"])
def test_a_signature_that_does_not_hold_gets_401_and_no_data(
    dashboard: Dashboard, sale: Purchase, own: str, case: str
) -> None:
    """Whatever is sent, and never an error of ours."""
    query = {"id": str(sale.subscription), "user_id": USER, "account_id": own}

    answer = dashboard.client.get(
        "/stripe/app/subscription", params=query, headers=headers_of(case, dashboard, own)
    )

    assert (answer.status_code, "data" in answer.json()) == (401, False)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "user_id=usr_1Ada",
        "user_id=usr_1Ada&account_id=",
        "user_id=usr_1Ada&account_id=%FF%FE",
        "user_id=usr_1Ada&account_id=acct_%C3%A4",
        'user_id=usr_1"&account_id=acct_1',
        "user_id=usr_1Ada&account_id=cus_1",
    ],
)
def test_a_query_that_no_dashboard_writes_gets_401(dashboard: Dashboard, query: str) -> None:
    """Names that Stripe never gives are not even compared."""
    headers = {"Stripe-Signature": dashboard.signature("acct_1")}

    answer = dashboard.client.get(f"/stripe/app/customer?id=cus_1&{query}", headers=headers)

    assert (answer.status_code, "data" in answer.json()) == (401, False)


@pytest.mark.parametrize(("view", "object_id"), [("customer", "sub_1"), ("invoice", "")])
def test_an_object_of_another_kind_is_a_fault_of_the_query(
    dashboard: Dashboard, own: str, view: str, object_id: str
) -> None:
    """The signature holds, the question does not."""
    answer = dashboard.ask(view, object_id, own)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_QUERY")


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("null", "null"),
        ("https://dashboard.stripe.com", "https://dashboard.stripe.com"),
        ("https://evil.example.com", None),
    ],
)
def test_the_preflight_lets_the_dashboard_and_its_sandbox_in(
    dashboard: Dashboard, origin: str, allowed: str | None
) -> None:
    """The signature may come as a header; cookies are never asked for."""
    answer = dashboard.client.options(
        "/stripe/app/customer",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "stripe-signature",
        },
    )

    assert answer.status_code == 204
    assert answer.headers.get("access-control-allow-origin") == allowed
    assert "Stripe-Signature" in answer.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in answer.headers
