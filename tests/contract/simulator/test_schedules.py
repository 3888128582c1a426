"""Schedules: what a subscription becomes, phase by phase, and how a schedule stops."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.bills import billed, newest, periods, state
from tests.contract.simulator.test_item_changes import sold
from tests.contract.simulator.test_one_time_purchases import told
from tests.contract.simulator.test_shapes import EXAMPLES
from tests.contract.simulator.test_subscriptions import at


def stopped(shop: Shop, schedule: str) -> dict[str, Any]:
    """How a schedule stands, and when it stopped."""
    found = shop.read(schedule)
    names = ("status", "released_at", "completed_at", "canceled_at", "current_phase")
    return {name: found[name] for name in names}


def test_a_downgrade_waits_for_the_end_of_the_period(
    shop: Shop, stripe: Stripe, monthly: str, bigger: str
) -> None:
    """The item stays and changes its price; the renewal is for the new one."""
    rented = shop.subscribe(bigger)
    schedule = shop.schedule(rented.subscription, phases=[{"items": [{"price": monthly}]}])
    before = sold(shop, rented.subscription)

    stripe.advance(days=29)

    assert (before, sold(shop, rented.subscription)) == ([(bigger, 1)], [(monthly, 1)])
    assert shop.read(str(rented.subscription))["schedule"] == schedule
    assert shop.read(str(rented.subscription))["items"]["data"][0]["id"] == rented.items[0]
    assert billed(shop, newest(shop, rented.subscription)) == ["900 2026-02-28 to 2026-03-31"]
    assert shop.read(schedule)["current_phase"] == {
        "start_date": at("2026-02-28T12:00:00"),
        "end_date": at("2026-03-31T12:00:00"),
    }


def test_a_schedule_of_a_subscription_begins_as_its_mirror(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """One phase: the period that runs now. Each names the other."""
    rented = shop.subscribe({"price": monthly, "quantity": 2})

    made = client.v1.subscription_schedules.create(
        {"from_subscription": str(rented.subscription), "expand": ["subscription"]}
    ).to_dict()

    assert (made["status"], made["end_behavior"]) == ("active", "release")
    assert made["subscription"]["schedule"] == made["id"]
    (phase,) = made["phases"]
    assert [(row["price"], row["quantity"]) for row in phase["items"]] == [(monthly, 2)]
    assert (phase["start_date"], phase["end_date"]) == (
        at("2026-01-31T12:00:00"),
        at("2026-02-28T12:00:00"),
    )
    expanded = client.v1.subscriptions.retrieve(
        str(rented.subscription), {"expand": ["schedule"]}
    ).to_dict()
    assert expanded["schedule"]["id"] == made["id"]
    with pytest.raises(sdk.InvalidRequestError, match="follows the schedule"):
        client.v1.subscription_schedules.create({"from_subscription": str(rented.subscription)})


def test_a_schedule_has_every_key_of_the_published_example(
    shop: Shop, handbook: Path, monthly: str
) -> None:
    """Its phases and their items too; `billing_mode` is the flexible one."""
    example = json.loads((handbook / EXAMPLES).read_text())["resources"]["subscription_schedule"]
    rented = shop.subscribe(monthly)

    made = shop.read(shop.schedule(rented.subscription, phases=[{"items": [{"price": monthly}]}]))

    (theirs,) = example["phases"]
    assert set(example) - set(made) == set()
    assert set(theirs) - set(made["phases"][0]) == set()
    assert set(theirs["items"][0]) - set(made["phases"][0]["items"][0]) == set()


def test_a_sale_may_be_planned_as_a_trial_and_one_charge(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """One iteration, then it ends: paid once, over once."""
    made = client.v1.subscription_schedules.create(
        {
            "customer": shop.customer(),
            "start_date": "now",
            "end_behavior": "cancel",
            "phases": [
                {
                    "items": [{"price": monthly}],
                    "trial": True,
                    "duration": {"interval": "day", "interval_count": 14},
                },
                {
                    "items": [{"price": monthly}],
                    "duration": {"interval": "month", "interval_count": 1},
                },
            ],
        }
    )
    subscription = str(made.subscription)
    at_first = state(shop, subscription)
    stripe.advance(days=15)
    then = state(shop, subscription)
    stripe.advance(days=30)

    assert (at_first, then) == (("trialing", "paid"), ("active", "paid"))
    assert shop.read(subscription)["status"] == "canceled"
    assert shop.read(subscription)["ended_at"] == at("2026-03-14T12:00:00")
    assert stopped(shop, made.id) == {
        "status": "completed",
        "released_at": None,
        "completed_at": at("2026-03-14T12:00:00"),
        "canceled_at": None,
        "current_phase": None,
    }
    paid = [one["amount_paid"] for one in shop.books.all("invoice")]
    assert paid == [0, 900]
    assert told(shop)[-2:] == ["subscription_schedule.completed", "customer.subscription.deleted"]


def test_a_schedule_may_start_later(shop: Shop, stripe: Stripe, monthly: str) -> None:
    """Until then there is no subscription."""
    schedule = shop.schedule(
        customer=shop.customer(),
        start_date=at("2026-02-10T00:00:00"),
        phases=[{"items": [{"price": monthly, "quantity": 3}], "iterations": 2}],
        metadata={"plan": "later"},
    )
    before = shop.read(schedule)
    stripe.advance(days=11)

    after = shop.read(schedule)
    assert (before["status"], before["subscription"]) == ("not_started", None)
    assert (after["status"], after["metadata"]) == ("active", {"plan": "later"})
    assert sold(shop, after["subscription"]) == [(monthly, 3)]
    assert periods(shop, after["subscription"]) == ["2026-02-10 to 2026-03-10"]


def test_a_schedule_lets_go_after_its_last_phase(shop: Shop, stripe: Stripe, monthly: str) -> None:
    """The subscription goes on, and knows the schedule no more."""
    rented = shop.subscribe(monthly)
    schedule = shop.schedule(
        rented.subscription, phases=[{"items": [{"price": monthly, "quantity": 2}]}]
    )

    stripe.advance(days=75)

    assert state(shop, rented.subscription) == ("active", "paid")
    assert shop.read(str(rented.subscription))["schedule"] is None
    assert sold(shop, rented.subscription) == [(monthly, 2)]
    assert stopped(shop, schedule) == {
        "status": "released",
        "released_at": at("2026-03-31T12:00:00"),
        "completed_at": None,
        "canceled_at": None,
        "current_phase": None,
    }
    assert shop.read(schedule)["released_subscription"] == rented.subscription


def test_a_released_schedule_changes_nothing_any_more(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str, bigger: str
) -> None:
    """With an event; a second release is refused."""
    rented = shop.subscribe(monthly)
    schedule = shop.schedule(rented.subscription, phases=[{"items": [{"price": bigger}]}])

    client.v1.subscription_schedules.release(schedule)
    stripe.advance(days=35)

    assert sold(shop, rented.subscription) == [(monthly, 1)]
    assert told(shop).count("subscription_schedule.released") == 1
    with pytest.raises(sdk.InvalidRequestError, match="is released"):
        client.v1.subscription_schedules.release(schedule)


def test_a_canceled_schedule_ends_the_subscription_now(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """Both say so."""
    rented = shop.subscribe(monthly)
    schedule = shop.schedule(rented.subscription, phases=[{"items": [{"price": monthly}]}])

    client.v1.subscription_schedules.cancel(schedule)

    assert shop.read(schedule)["status"] == "canceled"
    assert shop.read(str(rented.subscription))["status"] == "canceled"
    assert told(shop)[-2:] == ["subscription_schedule.canceled", "customer.subscription.deleted"]


def test_a_subscription_that_is_canceled_takes_its_schedule_along(
    shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """Nothing begins afterwards."""
    rented = shop.subscribe(monthly)
    schedule = shop.schedule(rented.subscription, phases=[{"items": [{"price": monthly}]}])

    shop.cancel(str(rented.subscription))
    stripe.advance(days=60)

    assert shop.read(schedule)["status"] == "canceled"
    assert shop.read(str(rented.subscription))["status"] == "canceled"


def test_phases_may_differ_in_length(shop: Shop, stripe: Stripe, monthly: str, yearly: str) -> None:
    """A month, and then a year, which is drafted at the change and paid an hour later."""
    rented = shop.subscribe(monthly)
    shop.schedule(
        rented.subscription,
        phases=[
            {"items": [{"price": monthly}], "iterations": 1},
            {"items": [{"price": yearly}], "iterations": 1},
        ],
    )

    stripe.advance(to=at("2026-03-31T12:00:00"))
    drafted = state(shop, rented.subscription)
    stripe.advance(seconds=3600)

    assert drafted == ("active", "draft")
    assert state(shop, rented.subscription) == ("active", "paid")
    assert billed(shop, newest(shop, rented.subscription)) == ["9000 2026-03-31 to 2027-03-31"]


def test_a_running_phase_can_be_changed(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str, bigger: str
) -> None:
    """It is true at once, prorated as the phase says."""
    rented = shop.subscribe(monthly)
    schedule = shop.schedule(rented.subscription, phases=[{"items": [{"price": monthly}]}])
    stripe.advance(days=14)

    client.v1.subscription_schedules.update(
        schedule,
        {
            "end_behavior": "cancel",
            "phases": [
                {
                    "start_date": at("2026-01-31T12:00:00"),
                    "end_date": at("2026-02-28T12:00:00"),
                    "items": [{"price": bigger, "quantity": 1}],
                    "proration_behavior": "none",
                }
            ],
        },
    )
    now = sold(shop, rented.subscription)
    stripe.advance(days=20)

    assert now == [(bigger, 1)]
    assert len(shop.books.all("invoice")) == 1
    assert shop.read(str(rented.subscription))["status"] == "canceled"


def test_a_schedule_that_makes_no_sense_is_refused(shop: Shop, monthly: str, once: str) -> None:
    """Before anything is made."""
    customer = shop.customer()
    wrong: dict[str, dict[str, Any]] = {
        "param: phases": {"phases": []},
        "at least one item": {"phases": [{"items": []}]},
        "not a recurring price": {"phases": [{"items": [{"price": once}]}]},
        "must end after": {"phases": [{"items": [{"price": monthly}], "end_date": 1}]},
        "end_behavior": {"phases": [{"items": [{"price": monthly}]}], "end_behavior": "hope"},
    }

    for text, details in wrong.items():
        with pytest.raises(Exception, match=text):
            shop.schedule(customer=customer, **details)

    assert shop.books.all("subscription_schedule") == []


def test_a_subscription_with_a_schedule_can_not_be_paused(shop: Shop, monthly: str) -> None:
    """As with Stripe: its schedule says what happens."""
    rented = shop.subscribe(monthly)
    shop.schedule(rented.subscription, phases=[{"items": [{"price": monthly}]}])

    with pytest.raises(Exception, match="follows a schedule"):
        shop.pause(str(rented.subscription))
