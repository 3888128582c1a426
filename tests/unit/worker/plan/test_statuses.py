"""Stripe's eight subscription statuses in LicenseKit's five."""

from __future__ import annotations

import pytest

from shared.keys import StripeId
from tests.worlds.sales import on
from worker.plan.statuses import choose_record
from worker.state import BoughtSubscription


def sub(status: str, **changes: object) -> BoughtSubscription:
    values: dict[str, object] = {
        "id": "sub_1",
        "status": status,
        "periods": {
            StripeId("si_1"): (on(2026), on(2027)),
            StripeId("si_2"): (on(2026, 3), on(2026, 4)),
        },
        "cancel_at_period_end": False,
        "ended_at": None,
        "canceled_at": None,
        **changes,
    }
    return BoughtSubscription(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stripe", "licensekit"),
    [
        ("trialing", "trialing"),
        ("active", "active"),
        ("past_due", "past_due"),
        ("unpaid", "past_due"),
        ("incomplete", "past_due"),
        ("incomplete_expired", "canceled"),
        ("paused", "paused"),
        ("canceled", "canceled"),
        ("a_ninth_that_stripe_adds", "past_due"),
    ],
)
def test_each_of_stripes_statuses_has_one_in_licensekit(stripe: str, licensekit: str) -> None:
    """LicenseKit has no incomplete, incomplete_expired or unpaid."""
    record = choose_record(sub(stripe), ["si_1"])

    assert record is not None
    assert record.status == licensekit


def test_a_record_spans_the_periods_of_its_products_items() -> None:
    """One record stands for all items of a LicenseKit product."""
    record = choose_record(sub("active"), ["si_1", "si_2"])

    assert record is not None
    assert (record.current_period_start, record.current_period_end) == (on(2026), on(2027))


def test_no_record_without_a_period() -> None:
    """LicenseKit takes no subscription without both ends."""
    assert choose_record(sub("active"), ["si_other"]) is None


def test_an_end_that_was_asked_for_is_not_an_end() -> None:
    """`canceled_at` is when somebody asked; LicenseKit allows it only once it is canceled."""
    record = choose_record(
        sub("active", canceled_at=on(2026, 5), cancel_at_period_end=True), ["si_1"]
    )

    assert record is not None
    assert (record.canceled_at, record.cancel_at_period_end) == (None, True)


def test_a_canceled_subscription_says_when_it_ended() -> None:
    """`ended_at` is when it ended, which may be long after it was asked for."""
    ended = sub("canceled", canceled_at=on(2026, 5), ended_at=on(2027))

    record = choose_record(ended, ["si_1"])

    assert record is not None
    assert record.canceled_at == on(2027)
