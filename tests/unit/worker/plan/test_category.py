"""Which plan category a sale is, told from its trial, its end and what was paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worlds.sales import (
    NOW,
    TYPES,
    item,
    mapping,
    on,
    once,
    payment,
    session,
    subscription,
)
from worker.plan.category import (
    PlanCategory,
    add_interval,
    category_notes,
    choose_category,
    expected_types,
)
from worker.plan.terms import Terms
from worker.prices import IntervalUnit, Pricing
from worker.state import Bought, LicenseType, Payment

TRIAL = (on(2026), on(2026, 2))
CHARGED = (on(2026, 2), on(2026, 3))
MONTHLY = Pricing("eur", unit_amount_decimal="900", interval=("month", 1))
OF_TRIAL = payment("in_1", item("si_1", period=TRIAL, amount_minor_units=0))
OF_MONTH = payment("in_2", item("si_1", period=CHARGED))


def sold(*payments: Payment, status: str = "active", **state: Any) -> Bought:
    """A monthly subscription with these facts."""
    bought = subscription(*payments, status=status)
    assert bought.subscription is not None
    return replace(
        bought,
        lines=tuple(replace(line, pricing=MONTHLY) for line in bought.lines),
        subscription=replace(bought.subscription, **state),
    )


def one_charge(**state: Any) -> Bought:
    """Paid from February to March, without a trial."""
    return sold(OF_MONTH, **state)


def test_a_sale_that_is_no_subscription_is_sold_once() -> None:
    """A checkout, an invoice or a bare payment intent, once it is paid."""
    assert choose_category(session(once("li_1"))) == "one_time"
    assert choose_category(session(once("li_1"), stage="awaiting_payment")) is None


@pytest.mark.parametrize(
    ("category", "bought"),
    [
        # a trial, and nothing after it
        ("trial_only", sold(OF_TRIAL, status="trialing", trial=TRIAL, ends_at=TRIAL[1])),
        ("trial_only", sold(OF_TRIAL, status="canceled", trial=TRIAL, ended_at=TRIAL[1])),
        ("trial_only", sold(OF_TRIAL, status="canceled", trial=TRIAL, ended_at=on(2026, 1, 9))),
        # one charge, because the end was agreed with the sale
        ("one_time", one_charge(ends_at=CHARGED[1])),
        ("one_time", one_charge(ends_at=on(2026, 2, 20), canceled_at=CHARGED[0])),
        ("one_time", one_charge(status="canceled", ends_at=CHARGED[1], ended_at=CHARGED[1])),
        # one charge after a trial: still to come, paid, and over
        ("one_time_with_trial", sold(OF_TRIAL, status="trialing", trial=TRIAL, ends_at=CHARGED[1])),
        ("one_time_with_trial", sold(OF_TRIAL, OF_MONTH, trial=TRIAL, ends_at=CHARGED[1])),
        ("one_time_with_trial",
         sold(OF_TRIAL, OF_MONTH, status="canceled", trial=TRIAL, ended_at=CHARGED[1])),
        # anything else
        ("recurring", one_charge()),
        ("recurring", sold(OF_TRIAL, status="trialing", trial=TRIAL)),
        ("recurring", one_charge(ends_at=on(2026, 4))),
        ("recurring", sold(OF_TRIAL, status="trialing", trial=TRIAL, ends_at=on(2026, 4))),
    ],
)  # fmt: skip
def test_each_category_is_recognised(category: PlanCategory, bought: Bought) -> None:
    """By the end that the subscription has, its trial, and its first full period."""
    assert choose_category(bought) == category


@pytest.mark.parametrize(
    "bought",
    [
        one_charge(cancel_at_period_end=True, ends_at=CHARGED[1], canceled_at=on(2026, 2, 9)),
        one_charge(ends_at=CHARGED[1], canceled_at=on(2026, 2, 9)),
        one_charge(status="canceled", ended_at=on(2026, 2, 9), canceled_at=on(2026, 2, 9)),
        sold(OF_TRIAL, status="trialing", trial=TRIAL, cancel_at_period_end=True, ends_at=TRIAL[1]),
        sold(OF_TRIAL, OF_MONTH, status="canceled", trial=TRIAL, ended_at=on(2026, 2, 9)),
    ],
)
def test_a_buyer_who_cancels_does_not_turn_a_recurring_sale_into_another(bought: Bought) -> None:
    """At the end of the period, by a moment in the portal, or at once: it was sold to go on."""
    assert choose_category(bought) == "recurring"


def test_a_shop_may_set_the_end_as_soon_as_it_hears_of_the_sale() -> None:
    """A checkout can't name it; the event of the checkout reaches the shop a little later."""
    soon = one_charge(ends_at=CHARGED[1], canceled_at=CHARGED[0] + timedelta(minutes=5))

    assert choose_category(soon) == "one_time"


def test_every_item_has_to_end_with_its_first_period() -> None:
    """A monthly item beside a yearly one is charged twelve times until the year is over."""
    year = item("si_2", period=(CHARGED[0], on(2027, 2)))
    both = payment("in_1", item("si_1", period=CHARGED), year)

    assert choose_category(sold(both, ends_at=on(2027, 2))) == "recurring"
    assert choose_category(sold(both, ends_at=CHARGED[1])) == "one_time"


def test_a_trial_given_to_a_paying_buyer_is_not_all_that_was_sold() -> None:
    """What was paid before it counts."""
    before = payment("in_0", item("si_1", period=(on(2025, 12), on(2026))))

    paused = sold(before, OF_TRIAL, status="canceled", trial=TRIAL, ended_at=TRIAL[1])

    assert choose_category(paused) == "recurring"


def test_a_first_charge_that_is_not_paid_yet_is_told_by_its_interval() -> None:
    """Also where a short first period was billed by proration alone."""
    short = payment("in_1", item("si_1", period=(on(2026), on(2026, 1, 20)), proration=True))

    assert choose_category(sold(short, ends_at=on(2026, 1, 20))) == "one_time"
    assert choose_category(sold(short, ends_at=on(2026, 3))) == "recurring"
    without_price = subscription(short)
    assert choose_category(without_price) == "recurring"


@pytest.mark.parametrize(
    ("category", "types"),
    [
        ("trial_only", {"trial"}),
        ("one_time", {"perpetual", "time_limited", "consumption"}),
        ("one_time_with_trial", {"time_limited"}),
        ("recurring", {"subscription"}),
    ],
)
def test_each_category_has_license_types_that_fit(
    category: PlanCategory, types: set[LicenseType]
) -> None:
    """As the documents of the plan categories name them."""
    assert set(expected_types(category)) == types


TRIALS: dict[str, LicenseType] = {**TYPES, "pol_trial": "trial"}
ON_TRIAL = sold(OF_TRIAL, status="trialing", trial=TRIAL)
TRIAL_ONLY = sold(OF_TRIAL, status="trialing", trial=TRIAL, ends_at=TRIAL[1])


def notes(bought: Bought, policy: str, **terms: Any) -> list[str]:
    price_id = bought.lines[0].price_id
    return category_notes(bought, Terms({price_id: mapping(price_id, policy, **terms)}), TRIALS)


@pytest.mark.parametrize(
    ("bought", "policy", "terms"),
    [
        (one_charge(), "pol_sub", {}),
        (one_charge(), "pol_unknown", {}),
        (ON_TRIAL, "pol_sub", {"trial_policy": "pol_trial"}),
        (TRIAL_ONLY, "pol_trial", {}),
        (TRIAL_ONLY, "pol_sub", {"trial_policy": "pol_trial"}),
        (session(once("li_1")), "pol_ever", {}),
        (session(once("li_1")), "pol_days", {}),
        (session(once("li_1"), stage="closed"), "pol_sub", {}),
    ],
)
def test_a_policy_that_fits_needs_no_note(
    bought: Bought, policy: str, terms: dict[str, Any]
) -> None:
    """Nor does one that LicenseKit doesn't know: that is a problem of its own."""
    assert notes(bought, policy, **terms) == []


def test_a_policy_that_does_not_fit_is_noted_with_those_that_would() -> None:
    """The license is issued all the same: a shop may mean it so."""
    assert notes(one_charge(), "pol_ever") == [
        "this is a recurring sale, but policy pol_ever of price_sub is perpetual; "
        "what fits is subscription"
    ]
    assert notes(ON_TRIAL, "pol_sub", trial_policy="pol_days") == [
        "this is a recurring sale, but policy pol_days of price_sub is time-limited; "
        "what fits is trial"
    ]
    assert notes(session(once("li_1")), "pol_sub") == [
        "this is a one-time sale, but policy pol_sub of price_once is subscription; "
        "what fits is perpetual or time-limited or consumption"
    ]


@pytest.mark.parametrize(
    ("moment", "unit", "count", "end"),
    [
        (on(2026, 1, 31), "month", 1, on(2026, 2, 28)),
        (on(2028, 1, 31), "month", 1, on(2028, 2, 29)),
        (on(2028, 2, 29), "year", 1, on(2029, 2, 28)),
        (on(2026, 11, 30), "month", 3, on(2027, 2, 28)),
        (on(2026, 12, 31), "month", 12, on(2027, 12, 31)),
        (on(2026, 3, 28), "week", 2, on(2026, 4, 11)),
        (on(2026, 12, 31), "day", 1, on(2027)),
        (NOW, "year", 9_000, datetime.max.replace(tzinfo=UTC)),
        (NOW, "day", 10**9, datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_an_interval_ends_where_the_calendar_lets_it(
    moment: datetime, unit: IntervalUnit, count: int, end: datetime
) -> None:
    """A month that is too short ends on its last day."""
    assert add_interval(moment, unit, count) == end


@given(
    st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.integers(1, 60),
)
def test_months_keep_the_day_wherever_the_month_has_it(moment: datetime, count: int) -> None:
    """The time of day never moves, and the end falls into the right month."""
    end = add_interval(moment, "month", count)

    assert (end.year * 12 + end.month) - (moment.year * 12 + moment.month) == count
    assert end.timetz() == moment.timetz()
    assert end.day == moment.day or (end + timedelta(days=1)).day == 1
