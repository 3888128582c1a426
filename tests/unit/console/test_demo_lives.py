"""The calendar of the four lives, and the words in which it says what a buyer holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from console.demo.lives import CALENDAR, TITLES, Life, Moment
from console.demo.playing import dated
from console.demo.records import Records
from console.demo.words import end_of, held_by, readable

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NAMES = {"pol_trial": "Studio trial", "pol_std": "Studio", "prod_1": "Studio"}


def a_license(status: str, policy: str = "pol_std", end: str | None = None) -> dict[str, Any]:
    return {"id": "lic_1", "status": status, "policy_id": policy, "expires_at": end}


def test_four_lives_are_shown_beside_the_first_four_sales() -> None:
    """Trial to paid, dunning and recovery, upgrade with a new policy, refund and dispute."""
    assert [title.partition(":")[0] for title in TITLES.values()] == [
        "5. trial to paid",
        "6. dunning and recovery",
        "7. upgrade with a new policy",
        "8. dispute and refund",
    ]
    assert {turn.buyer for turn in CALENDAR} == set(TITLES)


def test_the_calendar_runs_forward_and_shows_each_buyer_once_a_day() -> None:
    """A clock can't go back, and one day's end is one answer."""
    days = [turn.day for turn in CALENDAR]
    seen = [(turn.day, turn.buyer) for turn in CALENDAR]

    assert days == sorted(days)
    assert len(set(seen)) == len(seen)


def test_each_life_begins_with_a_purchase_on_the_first_day() -> None:
    """Before that there is no sale to look at."""
    first = {turn.buyer: turn.day for turn in reversed(CALENDAR) if turn.act}

    assert first == dict.fromkeys(TITLES, 0)


def test_what_a_buyer_holds_is_told_in_one_sentence() -> None:
    """Licenses under the names of their policies, then orders, then the subscription."""
    records = Records(
        licenses=[
            a_license("revoked", "pol_trial", "2026-12-01T00:00:00Z"),
            a_license("active", end="2027-01-08T00:00:00Z"),
        ],
        orders=[{"id": "ord_1", "status": "paid"}, {"id": "ord_2", "status": "refunded"}],
        subscriptions=[{"id": "sub_1", "status": "past_due"}],
    )

    assert held_by(records, NAMES) == (
        "Studio trial: revoked; Studio: active until 2027-01-08; orders: paid, refunded; "
        "subscription: past_due"
    )


def test_a_license_without_an_end_names_none() -> None:
    """Bought once, held for ever."""
    assert (
        held_by(Records([a_license("suspended")], [], []), NAMES) == "Studio: suspended; orders: "
    )


def test_what_should_be_held_is_dated_by_the_period_in_stripe() -> None:
    """With a week of grace after it; a purchase has no period."""
    period = {"current_period_start": 1_800_000_000, "current_period_end": 1_802_000_000}
    subscription = {"object": "subscription", "items": {"data": [period]}}

    assert dated("from {start} to {end}", subscription) == "from 2027-01-22 to 2027-02-14"
    assert dated("Editor: active", {"object": "checkout.session"}) == "Editor: active"


def test_a_moment_that_went_wrong_names_both_sides() -> None:
    """What was held, what should have been, and when."""
    right = Moment(10, "Finn pays", NOON, "Studio: active", "Studio: active")
    wrong = Moment(40, "the grace is over", NOON, "Studio: active", "Studio: suspended")

    life = Life("Finn", "6. dunning", moments=[right, wrong])

    assert right.verdict == "Studio: active"
    assert life.faults == [
        "day 40, the grace is over: Studio: active, instead of Studio: suspended"
    ]


@pytest.mark.parametrize(
    ("bought", "sale"),
    [
        ({"session": "cs_1", "subscription": "sub_1"}, "sub_1"),
        ({"session": "cs_1", "subscription": None}, "cs_1"),
    ],
)
def test_a_life_is_named_by_its_subscription_or_its_checkout(
    bought: dict[str, Any], sale: str
) -> None:
    """As the sale's key in the journal."""
    assert Life("Hal", "8. dispute", bought).sale == sale


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("revoke lic_1k0xegvya4c9tvna4j9cj (si_8rwHZ1rVD3llXq/1)", "revoke lic_…j9cj (si_…llXq/1)"),
        ("write ids to cs_test_a15a4XykucVHqBkLfuKz", "write ids to cs_test_…fuKz"),
        ("issue under pol_std until 2027-01-01", "issue under Studio until 2027-01-01"),
        ("customer.subscription.created", "customer.subscription.created"),
        ("suspend license si_1/1: past_due", "suspend license si_1/1: past_due"),
    ],
)
def test_ids_are_shortened_and_words_are_left_alone(text: str, shown: str) -> None:
    """Nobody can look the ids of a demo up: it leaves nothing behind."""
    assert readable(text, NAMES) == shown


@pytest.mark.parametrize("name", ["expires_at", "period_end", "current_period_end"])
def test_a_record_ends_on_the_day_that_its_kind_names(name: str) -> None:
    """Licenses, orders and subscriptions each have a word of their own for it."""
    assert end_of({"id": "x_1", name: "2027-01-08T10:00:00Z"}) == "2027-01-08"
    assert end_of({"id": "x_1", name: None}) == ""
