"""Invoices that are voided or given up after access was given: as unpaid, and never as paid."""

from __future__ import annotations

import pytest

from tests.worlds.ending import Ending, deeds, ending, invoices, paid_until
from tests.worlds.town import Town
from tests.worlds.world import MONTH

WRITTEN_OFF = {
    "voided": lambda town, invoice: town.stripe.shop.void_invoice(invoice),
    "uncollectible": lambda town, invoice: town.stripe.shop.give_up_invoice(invoice),
}


@pytest.mark.parametrize("how", WRITTEN_OFF)
@pytest.mark.parametrize("on_past_due", ["grace", "suspend", "keep"])
def test_a_renewal_that_is_written_off_moves_no_end(town: Town, how: str, on_past_due: str) -> None:
    """The buyer has what was paid before; a hold for the open invoice goes with the invoice."""
    price, policy = town.world.price("subscription", recurring=MONTH)
    town.world.map(price, policy, on_past_due=on_past_due)
    ada = town.stripe.shop.customer(name="Ada", email="ada@example.com")
    sale = town.stripe.shop.subscribe(price, customer=ada)
    town.settle()
    town.stripe.shop.fail_payments(ada)
    town.stripe.advance(days=31, seconds=7200)
    town.settle()
    owed = ending(town, policy, sale.subscription)
    second = invoices(town, sale.subscription)[-1]

    WRITTEN_OFF[how](town, second)
    town.settle()

    end, next_end = paid_until(town, sale.invoice), paid_until(town, second)
    held = "suspended" if on_past_due == "suspend" else "active"
    assert owed == Ending([f"{held} {end}"], ["paid"], [f"past_due {next_end}"], [1], [])
    assert ending(town, policy, sale.subscription) == Ending(
        [f"active {end}"], ["paid"], [f"active {next_end}"], [1], []
    )
    done = ["suspend: past_due", "reinstate: past_due"] if held == "suspended" else []
    assert deeds(town) == [f"issue {end}", *done]


@pytest.mark.parametrize("how", WRITTEN_OFF)
def test_a_license_without_an_end_is_held_where_its_renewal_is_written_off(
    town_on_a_clock: Town, how: str
) -> None:
    """Stripe says active again, and nothing is to come: the paid month is over."""
    town = town_on_a_clock
    price, policy = town.world.price("perpetual", recurring=MONTH)
    ada = town.stripe.shop.customer(name="Ada", email="ada@example.com")
    sale = town.stripe.shop.subscribe(price, customer=ada)
    town.stripe.shop.fail_payments(ada)
    town.stripe.advance(days=31, seconds=7200)

    WRITTEN_OFF[how](town, invoices(town, sale.subscription)[-1])
    town.settle()

    assert ending(town, policy, sale.subscription).licenses == ["suspended for ever"]
    assert deeds(town)[-1] == "suspend: written_off"


def test_a_bill_that_was_given_up_and_paid_after_all_brings_its_license(town: Town) -> None:
    """Uncollectible is not the end: the money came by other ways, and paid is paid."""
    price, policy = town.world.price()
    ada = town.stripe.shop.customer(name="Ada", email="ada@example.com")
    bill = town.stripe.shop.invoice(ada, [price], pay=False)
    town.stripe.shop.give_up_invoice(bill)
    town.settle()
    unpaid = ending(town, policy, bill)

    town.stripe.shop.pay_invoice_elsewhere(bill)
    town.settle()

    assert unpaid == Ending([], [], [], [], [])
    assert ending(town, policy, bill) == Ending(["active for ever"], ["paid"], [], [1], [])
