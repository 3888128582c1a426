"""Disputes: while one is open its license is held; how it ends decides what becomes of it."""

from __future__ import annotations

import pytest

from shared.tables import events
from tests.worlds.ending import Ending, deeds, ending, paid_until, payment_of, renew
from tests.worlds.town import Town
from tests.worlds.world import MONTH

ENDS = {
    "won": ("active", "paid", "reinstate: disputed"),
    "withdrawn": ("active", "paid", "reinstate: disputed"),
    "lost": ("revoked", "refunded", "revoke: dispute_lost"),
}


def close(town: Town, dispute: str, outcome: str) -> None:
    if outcome == "withdrawn":
        town.stripe.shop.withdraw_dispute(dispute)
    else:
        town.stripe.shop.close_dispute(dispute, outcome)
    town.settle()


@pytest.mark.parametrize("outcome", ENDS)
def test_pain_23_a_dispute_holds_the_license_until_it_is_decided(town: Town, outcome: str) -> None:
    """Won or withdrawn, it is as if it had never been; lost, it is as a full refund."""
    price, policy = town.world.price()
    sale = town.stripe.shop.buy(price)
    town.settle()
    dispute = town.stripe.shop.dispute(sale.payment_intent)
    town.settle()
    held = ending(town, policy, sale.session)
    town.stripe.shop.answer_dispute(dispute)
    town.settle()
    answered = ending(town, policy, sale.session)

    close(town, dispute, outcome)

    status, order, done = ENDS[outcome]
    assert held == answered == Ending(["suspended for ever"], ["paid"], [], [1], [])
    assert ending(town, policy, sale.session) == Ending(
        [f"{status} for ever"], [order], [], [1], []
    )
    assert deeds(town) == ["issue for ever", "suspend: disputed", done]


def test_pain_23_a_warning_holds_the_license_until_the_bank_has_closed_it(town: Town) -> None:
    """An inquiry took no money; closed, it leaves nothing behind."""
    price, policy = town.world.price()
    sale = town.stripe.shop.buy(price)
    town.settle()
    warning = town.stripe.shop.dispute(sale.payment_intent, warning=True)
    town.settle()
    held = ending(town, policy, sale.session).licenses

    close(town, warning, "warning_closed")

    assert held == ["suspended for ever"]
    assert ending(town, policy, sale.session) == Ending(["active for ever"], ["paid"], [], [1], [])
    assert deeds(town) == ["issue for ever", "suspend: disputed", "reinstate: disputed"]


@pytest.mark.parametrize(("outcome", "order"), [("won", "paid"), ("lost", "refunded")])
def test_pain_23_a_mapping_may_leave_disputes_to_people(
    town: Town, outcome: str, order: str
) -> None:
    """`on_dispute = keep`: the license never moves; the order still tells where the money is."""
    price, policy = town.world.price()
    town.world.map(price, policy, on_dispute="keep")
    sale = town.stripe.shop.buy(price)
    town.settle()
    dispute = town.stripe.shop.dispute(sale.payment_intent)
    town.settle()

    close(town, dispute, outcome)

    assert ending(town, policy, sale.session) == Ending(["active for ever"], [order], [], [1], [])
    assert deeds(town) == ["issue for ever"]


def test_pain_23_a_lost_dispute_about_a_renewal_takes_only_that_month(town: Town) -> None:
    """The month before was paid and nobody disputes it."""
    price, policy = town.world.price("subscription", recurring=MONTH)
    sale = town.stripe.shop.subscribe(price)
    town.settle()
    second = renew(town, sale.subscription)
    dispute = town.stripe.shop.dispute(payment_of(town, second))
    town.settle()

    close(town, dispute, "lost")

    first_end, end = paid_until(town, sale.invoice), paid_until(town, second)
    assert ending(town, policy, sale.subscription) == Ending(
        [f"active {first_end}"], ["paid", "refunded"], [f"active {end}"], [1], []
    )
    assert deeds(town) == [
        f"issue {first_end}",
        f"renew {end}",
        "suspend: disputed",
        f"shorten {first_end}",
        "reinstate: disputed",
    ]


def test_pain_23_a_dispute_about_a_month_that_is_over_holds_nothing(town: Town) -> None:
    """What the buyer uses now was paid by another invoice, which nobody disputes."""
    price, policy = town.world.price("subscription", recurring=MONTH)
    sale = town.stripe.shop.subscribe(price)
    town.settle()
    second = renew(town, sale.subscription)

    town.stripe.shop.dispute(payment_of(town, str(sale.invoice)))
    town.settle()

    end = paid_until(town, second)
    assert ending(town, policy, sale.subscription) == Ending(
        [f"active {end}"], ["paid", "paid"], [f"active {end}"], [1], []
    )
    assert deeds(town) == [f"issue {paid_until(town, sale.invoice)}", f"renew {end}"]


def test_pain_23_a_renewal_paid_during_a_dispute_counts_when_it_is_lost(town: Town) -> None:
    """The disputed month is taken back, the new one is paid: the buyer is licensed."""
    price, policy = town.world.price("subscription", recurring=MONTH)
    sale = town.stripe.shop.subscribe(price)
    town.settle()
    dispute = town.stripe.shop.dispute(payment_of(town, str(sale.invoice)))
    town.settle()
    second = renew(town, sale.subscription)
    renewed = ending(town, policy, sale.subscription)

    close(town, dispute, "lost")

    end = paid_until(town, second)
    records = [f"active {end}"]
    assert renewed == Ending([f"active {end}"], ["paid", "paid"], records, [1], [])
    assert ending(town, policy, sale.subscription) == Ending(
        [f"active {end}"], ["refunded", "paid"], records, [1], []
    )


def test_pain_16_a_live_dispute_never_reaches_a_sale_in_test_mode(town: Town) -> None:
    """Its event is kept and shown; test keys can't read it, so nothing else is done."""
    price, policy = town.world.price()
    sale = town.stripe.shop.buy(price)
    live = town.stripe.shop_of(livemode=True)
    sold = live.buy(live.price("Editor", 4900))
    town.settle()

    live.dispute(sold.payment_intent)
    town.settle()

    kept = {(row.type, row.state) for row in town.world.rows(events) if row.livemode}
    assert ("charge.dispute.created", "refused") in kept
    assert {state for _, state in kept} == {"refused"}
    assert ending(town, policy, sale.session) == Ending(["active for ever"], ["paid"], [], [1], [])
