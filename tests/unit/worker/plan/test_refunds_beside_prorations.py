"""Refunds where a change in mid-period was billed, or credited, beside the period itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mappings.terms import Terms
from shared.keys import StripeId
from tests.worlds.sales import item, on, payment, subscription
from worker.plan.cover import Cover, TakenBack, choose_cover
from worker.state import Charge, Payment

YEAR, REST = (on(2026), on(2027)), (on(2026, 6), on(2027))
WHOLE = 1_000
REFUND = TakenBack("refunded", "revoke")


def year(*, refunded: bool) -> Payment:
    charge = Charge(StripeId("ch_1"), WHOLE, WHOLE * refunded, refunded)
    return replace(payment("in_1", item("si_1", period=YEAR)), charges=(charge,))


def change(amount: int, *, refunded: bool = False) -> Payment:
    """More seats from June, or fewer: what that costs, or gives back."""
    one = payment(
        "in_2",
        item("si_1", period=REST, proration=True, amount_minor_units=amount),
        paid_at=on(2026, 6),
    )
    charge = Charge(StripeId("ch_2"), amount, amount * refunded, refunded)
    return replace(one, charges=(charge,) if amount > 0 else ())


@pytest.mark.parametrize("amount", [500, -500], ids=["more seats", "fewer seats"])
def test_pain_23_a_refunded_period_is_not_kept_alive_by_a_change_in_it(amount: int) -> None:
    """A proration changes what is bought, never for how long: with its period it is gone."""
    bought = subscription(year(refunded=True), change(amount))

    assert choose_cover(bought, bought.lines[0], Terms()) == Cover(on(2027), False, REFUND)


def test_a_refunded_change_takes_no_time_away() -> None:
    """The period was paid apart from it."""
    bought = subscription(year(refunded=False), change(500, refunded=True))

    assert choose_cover(bought, bought.lines[0], Terms()) == Cover(on(2027))


def test_an_item_added_in_mid_period_is_paid_by_its_proration_alone() -> None:
    """Refunded, nothing is left of it."""
    bought = subscription(change(500, refunded=True))

    assert choose_cover(bought, bought.lines[0], Terms()) == Cover(REST[1], False, REFUND)
