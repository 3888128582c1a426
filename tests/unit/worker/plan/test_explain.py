"""A plan and a sale as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from shared.keys import StripeId
from tests.worlds.sales import (
    NOW,
    item,
    mapping,
    on,
    once,
    payment,
    plan_for,
    session,
    subscription,
)
from worker.plan.explain import as_json, bought_as_json
from worker.prices import Pricing
from worker.state import Bought, Charge

EVER = mapping("price_once", "pol_ever")
MIXED = session(once("li_1"), once("li_2", "price_new"), targets=())


def test_the_journal_keeps_the_plan_as_json() -> None:
    """Step, key and reason; the problems; the notes; the mapping versions that applied."""
    kept = json.loads(json.dumps(as_json(plan_for(MIXED, EVER))))

    assert [step["key"] for step in kept["steps"]] == [
        "ensure-customer/cus_ada",
        "record-order/cs_1/prod_app/paid",
        "issue-license/li_1/1/pol_ever",
    ]
    assert [problem["subject"] for problem in kept["problems"]] == ["price_new"]
    assert kept["mapping_versions"] == {"price_once": 1}
    assert kept["notes"] == ["cs_1 is complete and paid"]


def test_what_was_bought_is_kept_for_people_to_look_at() -> None:
    """Who, what, how much and until when; no name and no e-mail."""
    kept = json.loads(json.dumps(bought_as_json(session(once("li_1")))))

    assert kept["buyer"] == {"id": "cus_ada"}
    assert kept["lines"][0]["price"] == "price_once"
    assert kept["payments"][0]["amount_minor_units"] == 1_000
    assert kept["payments"][0]["paid_at"] == NOW.isoformat().replace("+00:00", "Z")
    assert "ada@example.com" not in json.dumps(kept)


def kept_of(bought: Bought) -> dict[str, Any]:
    """As it comes back from the database."""
    return dict(json.loads(json.dumps(bought_as_json(bought))))


def test_each_line_tells_how_it_is_priced_and_what_that_comes_to() -> None:
    """Where the price could not be read, nothing is claimed."""
    bought = session(once("li_1", quantity=3), once("li_2"))
    first, second = bought.lines
    pricing = Pricing("eur", unit_amount_decimal="4900")

    lines = kept_of(replace(bought, lines=(replace(first, pricing=pricing), second)))["lines"]

    assert lines[0]["pricing"] == {
        "formula": "flat-rate",
        "expected_amount_minor_units": 14_700,
        "explanation": "flat-rate: 3 units at 49.00 EUR each = 147.00 EUR",
    }
    assert lines[1]["pricing"] is None
    assert [line["removed"] for line in lines] == [False, False]


def test_refunds_and_disputes_stand_with_their_payment() -> None:
    """Of all charges that the payment took."""
    paid = replace(
        payment("in_1", item("si_1")),
        charges=(
            Charge(StripeId("ch_1"), 600, 200, False, ("won",)),
            Charge(StripeId("ch_2"), 400, 400, True, ("needs_response",)),
        ),
    )

    (told,) = kept_of(subscription(paid))["payments"]

    assert told["refunded_minor_units"] == 600
    assert told["disputes"] == ["won", "needs_response"]


def test_a_subscription_tells_its_trial_its_pause_and_its_end() -> None:
    """And the category that follows from them."""
    trial = (on(2026), on(2026, 2))
    paid = payment("in_1", item("si_1", period=trial, amount_minor_units=0))
    bought = subscription(paid, status="paused")
    assert bought.subscription is not None
    state = replace(
        bought.subscription,
        trial=trial,
        ends_at=trial[1],
        collection_paused="void",
        pause_reason="pause_requested",
    )

    told = kept_of(replace(bought, subscription=state))

    assert told["category"] == "trial_only"
    assert told["subscription"] == {
        "status": "paused",
        "trial_end": "2026-02-01T00:00:00Z",
        "cancel_at_period_end": False,
        "ends_at": "2026-02-01T00:00:00Z",
        "ended_at": None,
        "collection_paused": "void",
        "pause_reason": "pause_requested",
    }
    assert kept_of(session(once("li_1")))["subscription"] is None
