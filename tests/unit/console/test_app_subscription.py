"""How a subscription looks in a dashboard view, whatever state it is in."""

from __future__ import annotations

from typing import Any

import pytest

from console.app.subscription import subscription_json

JANUARY, FEBRUARY = 1_798_761_600, 1_801_440_000  # 2027-01-01, 2027-02-01
IN_JANUARY, IN_FEBRUARY = "2027-01-01T00:00:00.000Z", "2027-02-01T00:00:00.000Z"


def facts(**changes: Any) -> dict[str, Any]:
    """A running subscription with one item, paid until February."""
    price = {"id": "price_1", "product": {"id": "prod_1", "name": "Editor"}}
    item = {
        "id": "si_1",
        "price": price,
        "quantity": 2,
        "current_period_start": JANUARY,
        "current_period_end": FEBRUARY,
    }
    base = {
        "id": "sub_1",
        "status": "active",
        "customer": {"id": "cus_1"},
        "items": {"data": [item]},
        "billing_cycle_anchor": JANUARY,
    }
    return {**base, **changes}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, IN_FEBRUARY),
        ({"status": "trialing", "trial_end": FEBRUARY}, IN_FEBRUARY),
        ({"status": "past_due"}, IN_FEBRUARY),
        ({"status": "canceled"}, None),
        ({"status": "paused"}, None),
        ({"cancel_at_period_end": True}, None),
        ({"cancel_at": FEBRUARY}, None),
        ({"cancel_at": FEBRUARY + 1}, IN_FEBRUARY),
        ({"pause_collection": {"behavior": "void"}}, None),
        ({"items": {"data": []}}, None),
    ],
)
def test_the_next_charge_is_at_the_end_of_the_first_period_unless_none_is_to_come(
    changes: dict[str, Any], expected: str | None
) -> None:
    """Who cancelled, or is paused, is not told of a charge."""
    assert subscription_json(facts(**changes), None)["next_charge_at"] == expected


CARD = {"type": "card", "card": {"brand": "visa", "last4": "4242"}}
DEBIT = {"type": "sepa_debit", "sepa_debit": {"last4": "3000"}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"default_payment_method": CARD}, ("card", "visa", "4242")),
        ({"default_payment_method": DEBIT}, ("sepa_debit", None, "3000")),
        (
            {"customer": {"id": "cus_1", "invoice_settings": {"default_payment_method": CARD}}},
            ("card", "visa", "4242"),
        ),
        ({"default_payment_method": "pm_unread"}, None),
    ],
)
def test_the_instrument_is_the_subscriptions_own_or_the_customers_usual_one(
    changes: dict[str, Any], expected: tuple[str | None, ...] | None
) -> None:
    """Brand and last four digits, never more."""
    shown = subscription_json(facts(**changes), None)["payment_instrument"]

    assert (None if shown is None else tuple(shown.values())) == expected


@pytest.mark.parametrize(
    ("status", "state"), [("trialing", "running"), ("active", "over"), ("canceled", "over")]
)
def test_a_trial_is_running_or_over(status: str, state: str) -> None:
    """Its dates stay with the subscription."""
    given = facts(status=status, trial_start=JANUARY, trial_end=FEBRUARY)

    assert subscription_json(given, None)["trial"] == {
        "state": state,
        "start": IN_JANUARY,
        "end": IN_FEBRUARY,
    }


def test_what_is_scheduled_to_change_is_told() -> None:
    """The next phase of its schedule, an end that was asked for, an update that waits."""
    later = {"start_date": FEBRUARY, "items": [{"price": "price_2", "quantity": 5}]}
    now = {"start_date": JANUARY, "items": [{"price": "price_1", "quantity": 2}]}
    schedule = {"current_phase": {"end_date": FEBRUARY}, "phases": [now, later]}

    shown = subscription_json(facts(schedule=schedule, cancel_at_period_end=True), "recurring")

    assert shown["scheduled_change"] == {
        "cancel_at_period_end": True,
        "cancel_at": None,
        "next_phase": {"start": IN_FEBRUARY, "items": [{"price": "price_2", "quantity": 5}]},
        "pending_update_until": None,
    }
    pending = facts(pending_update={"expires_at": FEBRUARY})
    waiting = subscription_json(pending, None)["scheduled_change"]
    assert waiting["pending_update_until"] == IN_FEBRUARY


def test_an_item_names_its_plan_by_nickname_product_or_price() -> None:
    """Whatever people know it by."""
    item = facts()["items"]["data"][0]
    named = {**item, "price": {**item["price"], "nickname": "Pro, monthly"}}
    bare = {**item, "price": {"id": "price_1", "product": "prod_1"}}

    shown = subscription_json(facts(items={"data": [item, named, bare]}), None)["items"]

    assert [one["plan"] for one in shown] == ["Editor", "Pro, monthly", "price_1"]
    assert [one["product"] for one in shown] == ["prod_1", "prod_1", "prod_1"]
