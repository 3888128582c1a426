"""What a person reads at night of a sale itself: its kind, its lines, its payments, its terms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rich.text import Text

from console.story.applied import Applied, applied_terms
from console.story.bought import bought_lines
from mappings.values import Catalog
from shared.keys import StripeId
from tests.worlds.sales import item, mapping, on, once, payment, session, subscription
from worker.plan.explain import bought_as_json
from worker.prices import Pricing
from worker.state import Bought, BoughtSubscription, Charge

MONTHLY = Pricing("eur", unit_amount_decimal="900", interval=("month", 1))


def shown(bought: Bought) -> str:
    return Text("\n").join(bought_lines(bought_as_json(bought))).plain


def with_state(bought: Bought, **state: Any) -> Bought:
    assert isinstance(bought.subscription, BoughtSubscription)
    return replace(bought, subscription=replace(bought.subscription, **state))


def test_a_renewing_sale_is_told_in_a_few_aligned_lines() -> None:
    """Its category, the state of the subscription, each line with its price, each payment."""
    bought = subscription(payment("in_1", item("si_1", quantity=2)))
    line = replace(bought.lines[0], pricing=MONTHLY)

    assert shown(replace(bought, lines=(line,))).splitlines() == [
        "",
        "Bought  recurring sale",
        "  subscription active",
        "  si_1  2 x price_sub  paid until 2027-01-01T00:00:00Z",
        "      flat-rate: 2 units at 9.00 EUR each = 18.00 EUR a month",
        "  in_1  10.00 EUR, 2026-01-01T00:00:00Z  pi_in_1  ch_in_1",
    ]


def test_a_one_time_sale_says_so_and_tells_of_no_subscription() -> None:
    """There is none."""
    told = shown(session(once("li_1")))

    assert "Bought  one-time sale" in told
    assert "subscription" not in told


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"status": "past_due"}, "subscription past due"),
        ({"trial": (on(2026), on(2026, 2))},
         "subscription active, trial until 2026-02-01T00:00:00Z"),
        ({"ends_at": on(2027, 6)}, "subscription active, ends 2027-06-01T00:00:00Z"),
        ({"cancel_at_period_end": True}, "subscription active, ends with its period"),
        ({"status": "canceled", "ends_at": on(2027), "ended_at": on(2026, 5)},
         "subscription canceled, ended 2026-05-01T00:00:00Z"),
        ({"collection_paused": "void"}, "subscription active, collection paused (void)"),
        ({"status": "paused", "pause_reason": "pause_requested"},
         "subscription paused, because of pause_requested"),
    ],
)  # fmt: skip
def test_trial_pause_and_end_stand_beside_the_status(state: dict[str, Any], said: str) -> None:
    """Why a license ends or is held is read here."""
    bought = with_state(subscription(payment("in_1", item("si_1"))), **state)

    assert f"  {said}" in shown(bought).splitlines()


def test_refunds_and_disputes_stand_under_their_payment() -> None:
    """In money, and in Stripe's own word."""
    paid = replace(
        payment("in_1", item("si_1")),
        charges=(Charge(StripeId("ch_1"), 1_000, 250, False, ("needs_response", "won")),),
    )

    lines = shown(subscription(paid)).splitlines()

    assert lines[-3:] == [
        "      refunded 2.50 EUR",
        "      dispute needs response",
        "      dispute won",
    ]


def test_an_item_that_was_taken_off_says_so() -> None:
    """Its license may still stand to the end of what was paid."""
    bought = subscription(payment("in_1", item("si_1")))

    told = shown(replace(bought, lines=(replace(bought.lines[0], removed=True),)))

    assert "1 x price_sub  paid until 2027-01-01T00:00:00Z  taken off the subscription" in told


CATALOG = Catalog(
    (
        mapping("price_1", "pol_1", version=1, grace_days=3),
        mapping("price_1", "pol_1", version=2),
        mapping("price_2", "pol_2", version=3),
        replace(mapping("price_3", "pol_3", version=4), retired=True),
    )
)


def test_the_terms_of_a_sale_name_the_version_and_what_is_not_default() -> None:
    """And what new sales get, where that is something else by now."""
    versions = {"price_1": 1, "price_2": 3, "price_3": 4, "price_4": 9}

    assert [str(one) for one in applied_terms(CATALOG, versions)] == [
        "price_1  mapping 1: prod_app / pol_1 grace_days=3 (new sales: 2)",
        "price_2  mapping 3: prod_app / pol_2",
        "price_3  mapping 4: prod_app / pol_3 (retired for new sales)",
        "price_4  mapping 9 is not in this database",
    ]


def test_for_machines_every_term_is_told_with_its_value() -> None:
    """Also those at their default."""
    (one,) = applied_terms(CATALOG, {"price_1": 1})

    told = one.as_json()

    assert (told["mapping_version"], told["newest_version"]) == (1, 2)
    assert told["terms"]["grace_days"] == 3
    assert told["terms"]["on_refund"] == "revoke"
    assert Applied("price_4", 9, None, None).as_json()["terms"] is None
