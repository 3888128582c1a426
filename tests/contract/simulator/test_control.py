"""The same stories over HTTP, for a simulator in a process of its own."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from simulator.stripe import Stripe
from tests.contract.simulator.mailbox import Mailbox


@pytest.fixture
def told(http: httpx.Client) -> Any:
    """Tell one story and give back what came of it."""

    def tell(verb: str, **arguments: Any) -> Any:
        answer = http.post(f"/_simulator/{verb}", json=arguments)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return tell


def test_a_purchase_can_be_told_over_http(told: Any, http: httpx.Client) -> None:
    """A price, a buyer, and the ids of what came of it."""
    price = told("price", name="Editor", amount=4900)["price"]

    bought = told("buy", lines=[{"price": price, "quantity": 2}], email="ada@example.com")

    session = http.get(f"/v1/checkout/sessions/{bought['session']}").json()
    assert session["amount_total"] == 9800
    assert session["customer"] == bought["customer"]
    assert session["customer_details"]["email"] == "ada@example.com"


def test_a_subscription_and_its_renewals_can_be_told_over_http(told: Any) -> None:
    """The clock is one verb, the subscription another."""
    price = told("price", name="Plan", amount=900, recurring={"interval": "month"})["price"]
    rented = told("subscribe", lines=[price])
    first = told("read", object_id=rented["subscription"])["latest_invoice"]

    told("advance", days=29)

    again = told("read", object_id=rented["subscription"])["latest_invoice"]
    assert (first, again != first) == (rented["invoice"], True)
    assert told("read", object_id=again)["status"] == "paid"


def test_payments_can_fail_and_be_cured_over_http(told: Any) -> None:
    """Past due, and active again."""
    price = told("price", name="Plan", amount=900, recurring={"interval": "month"})["price"]
    rented = told("subscribe", lines=[price])
    told("fail_payments", customer=rented["customer"])
    told("advance", days=29)
    failing = told("read", object_id=rented["subscription"])

    told("unfail", customer=rented["customer"])
    paid = told("pay_invoice", invoice=failing["latest_invoice"])["paid"]

    assert (failing["status"], paid) == ("past_due", True)


def test_a_refund_a_cancellation_and_a_slow_payment_can_be_told_over_http(told: Any) -> None:
    """Each by its verb."""
    price = told("price", name="Editor", amount=4900)["price"]
    plan = told("price", name="Plan", amount=900, recurring={"interval": "year"})["price"]
    rented, slow = told("subscribe", lines=[plan]), told("buy", lines=price, unpaid=True)

    told("settle", session=slow["session"])
    refund = told("refund", payment_intent=slow["payment_intent"])["refund"]
    told("cancel", subscription=rented["subscription"], at_period_end=True)

    assert told("read", object_id=refund)["amount"] == 4900
    assert told("read", object_id=rented["subscription"])["cancel_at_period_end"] is True


def test_switches_are_set_and_read_over_http(told: Any, http: httpx.Client) -> None:
    """What is not named stays as it was."""
    told("switches", duplicate=3)

    told("switches", shuffle=True)

    switches = http.get("/_simulator/switches").json()
    assert (switches["duplicate"], switches["shuffle"], switches["drop"]) == (3, True, 0.0)


def test_held_deliveries_are_released_over_http(
    told: Any, http: httpx.Client, stripe: Stripe, mailbox: Mailbox
) -> None:
    """And `idle` says when all have arrived."""
    told("switches", hold=True)
    told("customer")

    released = told("flush")["released"]

    assert stripe.wait_until_idle()
    assert http.get("/_simulator/idle").json() == {"idle": True}
    assert (released, mailbox.types) == (1, ["customer.created"])


def test_an_event_is_sent_again_over_http(
    told: Any, http: httpx.Client, stripe: Stripe, mailbox: Mailbox
) -> None:
    """As from the Dashboard."""
    told("customer")
    event = http.get("/v1/events").json()["data"][0]["id"]

    told("resend", event=event)

    assert stripe.wait_until_idle()
    assert mailbox.ids == [event, event]


def test_the_whole_state_can_be_seen(told: Any, http: httpx.Client) -> None:
    """The clock, the deliveries, and all objects by kind."""
    customer = told("customer", email="a@example.com")["customer"]

    state = http.get("/_simulator/state").json()

    (shop,) = state["shops"]
    assert [one["id"] for one in shop["objects"]["customer"]] == [customer]
    assert state["deliveries"]["waiting"] == 0


def test_a_story_can_play_in_another_account_and_mode(told: Any, http: httpx.Client) -> None:
    """`account` and `livemode` choose the shop."""
    customer = told("customer", account="acct_theirs", livemode=True)["customer"]

    headers = {"Authorization": "Bearer sk_live_simulator", "Stripe-Account": "acct_theirs"}
    assert http.get(f"/v1/customers/{customer}", headers=headers).status_code == 200
    assert http.get(f"/v1/customers/{customer}").status_code == 404


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("buy", {"lines": ["price_none"]}),
        ("buy", {"lines": [], "colour": "red"}),
        ("buy", {}),
        ("read", {"object_id": "cus_none"}),
        ("switches", {"duplicate": "often"}),
        ("advance", {"seconds": -5}),
    ],
)
def test_a_story_that_makes_no_sense_is_refused_with_a_reason(
    http: httpx.Client, verb: str, body: dict[str, Any]
) -> None:
    """400 and a message, never a crash."""
    answer = http.post(f"/_simulator/{verb}", json=body)

    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_a_body_that_is_no_json_is_refused(http: httpx.Client) -> None:
    """400, never a crash."""
    assert http.post("/_simulator/buy", content=b"{").status_code == 400
