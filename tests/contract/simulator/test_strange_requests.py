"""Whatever is sent, the answer is Stripe's error form or an object, and never a crash."""

from __future__ import annotations

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.shop import Shop

PATHS = (
    "/v1/products",
    "/v1/prices",
    "/v1/customers",
    "/v1/customers/{customer}",
    "/v1/checkout/sessions",
    "/v1/checkout/sessions/{session}",
    "/v1/payment_intents/{intent}",
    "/v1/refunds",
    "/v1/subscriptions",
    "/v1/invoices/in_none/pay",
    "/v1/events",
    "/v1/webhook_endpoints",
)
NAMES = st.sampled_from(
    (
        "name",
        "currency",
        "unit_amount",
        "product_data[name]",
        "recurring[interval]",
        "recurring",
        "metadata",
        "metadata[a]",
        "metadata[a][b]",
        "mode",
        "line_items",
        "line_items[0]",
        "line_items[0][price]",
        "line_items[0][quantity]",
        "payment_intent",
        "amount",
        "limit",
        "created",
        "created[gte]",
        "types[]",
        "starting_after",
        "expand[]",
        "expand",
        "email",
        "email[0]",
        "url",
        "enabled_events",
    )
)
WORDS = st.sampled_from(("", "1", "-1", "usd", "payment", "subscription", "month", "a.b", "\x00"))
FORMS = st.dictionaries(NAMES, WORDS | st.text(max_size=5), max_size=5)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=st.sampled_from(PATHS), form=FORMS, reading=st.booleans())
def test_a_strange_request_is_answered_and_not_crashed_on(
    http: httpx.Client, shop: Shop, path: str, form: dict[str, str], reading: bool
) -> None:
    """A crash here would look like an outage of Stripe in somebody's test."""
    known = {"customer": shop.customer(), "session": "cs_test_none", "intent": "pi_none"}
    url = path.format(**known)

    answer = http.get(url, params=form) if reading else http.post(url, data=form)

    assert answer.status_code in {200, 400, 402, 404}
    body = answer.json()
    assert ("error" in body) is (answer.status_code != 200)
    if answer.status_code != 200:
        assert body["error"]["message"]
