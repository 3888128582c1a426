"""A trial that is made longer, or ended early, and a payment that fails after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from mappings.terms import Terms
from tests.worlds.sales import item, on, payment, subscription
from worker.plan.cover import choose_cover, in_trial
from worker.state import Bought

TRIAL = (on(2026), on(2026, 2))
OF_TRIAL = payment("in_1", item("si_1", period=TRIAL))


def on_trial(until: datetime, status: str, *periods: tuple[datetime, datetime]) -> Bought:
    """The trial was to end in February and ends then instead; these periods were paid besides."""
    paid = [payment(f"in_{n}", item("si_1", period=p)) for n, p in enumerate(periods, 2)]
    bought = subscription(OF_TRIAL, *paid, status=status)
    assert bought.subscription is not None
    return replace(bought, subscription=replace(bought.subscription, trial=(TRIAL[0], until)))


@pytest.mark.parametrize("status", ["trialing", "past_due", "unpaid", "paused", "canceled"])
def test_a_longer_trial_reaches_to_its_end_whatever_comes_of_the_payment_after_it(
    status: str,
) -> None:
    """The grace of a payment that fails counts from the end that the buyer was given."""
    bought = on_trial(on(2026, 3), status)

    assert choose_cover(bought, bought.lines[0], Terms()).until == on(2026, 3)


@pytest.mark.parametrize(
    ("periods", "trial_only"),
    [
        ([], True),  # ended early, and the payment failed: nothing but the trial was ever paid
        ([(on(2026, 1, 15), on(2026, 2, 15))], False),  # ended early and paid
    ],
)
def test_a_trial_that_was_ended_early_is_over_once_a_period_is_paid(
    periods: list[tuple[datetime, datetime]], trial_only: bool
) -> None:
    """Only the trial's end says that it was cut; its own line still tells the end it once had."""
    bought = on_trial(on(2026, 1, 15), "past_due", *periods)

    assert in_trial(bought, bought.lines[0]) is trial_only


def test_a_period_that_was_paid_inside_a_trial_is_no_trial() -> None:
    """A trial that was paused and resumed: Stripe bills from the day on which it goes on."""
    resumed = TRIAL[0] + timedelta(days=5)
    bought = on_trial(TRIAL[1], "active", (resumed, resumed + timedelta(days=31)))

    assert not in_trial(bought, bought.lines[0])
