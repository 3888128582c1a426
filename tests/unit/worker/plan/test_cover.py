"""Which payments of a line count: money that goes back takes only what it paid for along."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mappings.terms import Terms
from shared.keys import StripeId
from tests.worlds.sales import item, on, payment, subscription
from worker.plan.cover import Cover, TakenBack, choose_cover, in_trial, is_refunded, is_returned
from worker.plan.rules import DISPUTES
from worker.state import Bought, Charge, Payment

YEAR_1, YEAR_2 = (on(2026), on(2027)), (on(2027), on(2028))
FIRST = payment("in_1", item("si_1", period=YEAR_1))
SECOND = payment("in_2", item("si_1", period=YEAR_2))
WHOLE = 1_000
REFUND = TakenBack("refunded", "revoke")


def charged(one: Payment, refunded: int = 0, *disputes: str) -> Payment:
    """The payment with its charge of 10.00, of which so much went back."""
    charge = Charge(StripeId("ch_1"), WHOLE, refunded, refunded == WHOLE, disputes)
    return replace(one, charges=(charge,))


def cover(*payments: Payment, **terms: object) -> Cover:
    bought = subscription(*payments)
    return choose_cover(bought, bought.lines[0], Terms(**terms))  # type: ignore[arg-type]


def test_what_is_paid_reaches_to_its_latest_period() -> None:
    """Two years were paid and nothing went back."""
    assert cover(charged(FIRST), charged(SECOND)) == Cover(on(2028))


@pytest.mark.parametrize(
    ("payments", "expected"),
    [
        ((charged(FIRST), charged(SECOND, WHOLE)), Cover(on(2027), True, REFUND, shorter=True)),
        ((charged(FIRST, WHOLE), charged(SECOND)), Cover(on(2028), True, REFUND)),
        ((charged(FIRST, WHOLE), charged(SECOND, WHOLE)), Cover(on(2028), False, REFUND)),
    ],
    ids=["the second year", "the first year", "both"],
)
def test_pain_23_a_refunded_year_counts_no_more(
    payments: tuple[Payment, ...], expected: Cover
) -> None:
    """The other one still does; where none is left, the end is told for the record alone."""
    assert cover(*payments) == expected


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("revoke", Cover(on(2027), False, TakenBack("refunded", "revoke"))),
        ("suspend", Cover(on(2027), False, TakenBack("refunded", "suspend"))),
        ("keep", Cover(on(2027))),
    ],
)
def test_a_full_refund_is_what_the_mapping_makes_of_it(choice: str, expected: Cover) -> None:
    """Kept, it is as if nothing had been given back."""
    assert cover(charged(FIRST, WHOLE), on_refund=choice) == expected


@pytest.mark.parametrize(
    ("refunded", "percent", "counts"),
    [(500, 50, True), (501, 50, False), (10, 1, True), (11, 1, False), (990, 99, True)],
)
def test_pain_23_a_part_counts_as_all_above_the_share_and_not_at_it(
    refunded: int, percent: int, counts: bool
) -> None:
    """The share is exact, in integers."""
    found = cover(
        charged(FIRST, refunded), on_partial_refund="revoke", partial_refund_percent=percent
    )

    assert found.left is counts


def test_a_part_is_a_courtesy_by_default() -> None:
    """Even 99 % of it."""
    assert cover(charged(FIRST, 990)) == Cover(on(2027))


def test_what_is_above_the_share_is_revoked_also_where_a_full_refund_only_suspends() -> None:
    """The term says revoke."""
    found = cover(charged(FIRST, 600), on_partial_refund="revoke", on_refund="suspend")

    assert found.taken_back == TakenBack("refunded", "revoke")


OPEN = ("warning_needs_response", "warning_under_review", "needs_response", "under_review")
OVER = ("warning_closed", "prevented", "won")
MEANS = dict.fromkeys(OPEN, "open") | dict.fromkeys(OVER, "over") | {"lost": "lost"}


def test_no_status_of_disputes_is_forgotten_here() -> None:
    """A new row of the table needs its line above."""
    assert MEANS.keys() == DISPUTES.keys()


@pytest.mark.parametrize("status", MEANS)
def test_pain_23_each_status_of_a_dispute_is_open_over_or_lost(status: str) -> None:
    """Open holds what depends on it; lost takes it back; over is as if it had never been."""
    found = cover(charged(FIRST, 0, status))

    assert (
        found
        == {
            "open": Cover(on(2027), disputed=True),
            "over": Cover(on(2027)),
            "lost": Cover(on(2027), False, TakenBack("dispute_lost", "revoke")),
        }[MEANS[status]]
    )


def test_a_status_of_disputes_that_stripe_added_since_is_taken_for_open() -> None:
    """The careful reading: nothing is lost by it for good."""
    assert cover(charged(FIRST, 0, "escalated")).disputed


@pytest.mark.parametrize("status", MEANS)
def test_no_dispute_matters_where_the_mapping_leaves_them_to_people(status: str) -> None:
    """`on_dispute = keep`, also of a lost one."""
    assert cover(charged(FIRST, 0, status), on_dispute="keep") == Cover(on(2027))


@pytest.mark.parametrize(
    ("payments", "disputed"),
    [
        ((charged(FIRST, 0, "needs_response"), charged(SECOND)), False),
        ((charged(FIRST), charged(SECOND, 0, "needs_response")), True),
    ],
    ids=["a year that is over", "the year that counts"],
)
def test_pain_23_only_a_dispute_about_what_the_end_depends_on_holds(
    payments: tuple[Payment, ...], disputed: bool
) -> None:
    """The other year is paid by other money."""
    assert cover(*payments) == Cover(on(2028), disputed=disputed)


def test_one_lost_dispute_among_others_is_lost() -> None:
    """An inquiry that was closed before does not help."""
    assert not cover(charged(FIRST, 0, "warning_closed", "lost")).left


def test_a_dispute_that_was_lost_after_a_refund_is_told_as_lost() -> None:
    """The bank's word is the later one."""
    found = cover(charged(FIRST, WHOLE, "lost"), on_refund="keep")

    assert found.taken_back == TakenBack("dispute_lost", "revoke")


def test_a_payment_by_two_charges_is_refunded_when_both_are() -> None:
    """Half of the money is half of the money."""
    back = Charge(StripeId("ch_1"), WHOLE, WHOLE, True)
    kept = Charge(StripeId("ch_2"), WHOLE, 0, False)

    assert not is_refunded(replace(FIRST, charges=(back, kept)))
    assert is_refunded(replace(FIRST, charges=(back, back)))


def test_what_cost_nothing_can_not_be_refunded() -> None:
    """No charge, no refund: a free month stays free."""
    assert not is_refunded(FIRST)
    assert not is_returned(FIRST)


@pytest.mark.parametrize(("status", "returned"), [("lost", True), ("won", False)])
def test_money_is_returned_by_a_lost_dispute_too(status: str, returned: bool) -> None:
    """What the order record says, whatever the mapping makes of the license."""
    assert is_returned(charged(FIRST, 0, status)) is returned


TRIAL = (on(2026), on(2026, 2))


def on_trial(
    *payments: Payment, status: str = "trialing", until: tuple[int, int] = (2026, 2)
) -> Bought:
    bought = subscription(*payments, status=status)
    assert bought.subscription is not None
    trial = (TRIAL[0], on(*until))
    return replace(bought, subscription=replace(bought.subscription, trial=trial))


def test_a_trial_that_was_made_longer_reaches_to_its_new_end() -> None:
    """Stripe makes no invoice for the added days."""
    bought = on_trial(payment("in_1", item("si_1", period=TRIAL)), until=(2026, 3))

    assert choose_cover(bought, bought.lines[0], Terms()).until == on(2026, 3)


@pytest.mark.parametrize(
    ("periods", "trial_only"), [((TRIAL,), True), ((TRIAL, (TRIAL[1], on(2027, 2))), False)]
)
def test_a_line_is_in_trial_while_nothing_else_was_paid(
    periods: tuple[tuple[object, object], ...], trial_only: bool
) -> None:
    """The first real period ends it, for the policy of the license."""
    paid = [payment(f"in_{n}", item("si_1", period=p)) for n, p in enumerate(periods)]
    bought = on_trial(*paid, status="active")

    assert in_trial(bought, bought.lines[0]) is trial_only


def test_a_sale_without_a_trial_is_in_none() -> None:
    """Most are."""
    bought = subscription(FIRST)

    assert not in_trial(bought, bought.lines[0])
