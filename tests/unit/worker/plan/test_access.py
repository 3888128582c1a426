"""What a line gives its buyer now, for every status and every choice of a mapping."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from shared.keys import StripeId
from tests.worlds.sales import item, mapping, on, once, payment, session, subscription
from worker.plan.access import Access, Case, choose_access
from worker.state import Bought, BoughtSubscription, Charge, LicenseType, Payment, Problem

PAID = payment("in_1", item("si_1"))  # the year 2026
END = on(2027)
BEFORE, AFTER = on(2026, 12), on(2027, 2)
ENDING: LicenseType = "subscription"
ENDLESS: LicenseType = "perpetual"


def bought(status: str = "active", *payments: Payment, **changes: object) -> Bought:
    whole = subscription(*(payments or (PAID,)), status=status)
    assert isinstance(whole.subscription, BoughtSubscription)
    return replace(whole, subscription=replace(whole.subscription, **changes))  # type: ignore[arg-type]


def access(
    sale: Bought, license_type: LicenseType = ENDING, now: datetime = BEFORE, **terms: Any
) -> Access:
    terms_of_it = mapping("price_sub", "pol_sub", **terms)
    found = choose_access(Case(sale, sale.lines[0], terms_of_it, license_type, now), PAID)
    assert isinstance(found, Access)
    return found


def told(found: Access) -> str:
    """In one word and, where time alone changes it, when."""
    word = found.revoke or found.hold or "access"
    return f"{word}, look again" if found.look_again_at else word


# status, term, license type -> while the paid time runs, and after it
STATUSES: list[tuple[str, dict[str, str], LicenseType, str, str]] = [
    ("trialing", {}, ENDING, "access", "access"),
    ("active", {}, ENDING, "access", "access"),
    ("active", {}, ENDLESS, "access", "access"),
    ("past_due", {"on_past_due": "grace"}, ENDING, "access, look again", "past_due"),
    ("past_due", {"on_past_due": "grace"}, ENDLESS, "access, look again", "past_due"),
    ("past_due", {"on_past_due": "suspend"}, ENDING, "past_due", "past_due"),
    ("past_due", {"on_past_due": "keep"}, ENDING, "access", "access"),
    ("unpaid", {}, ENDING, "unpaid", "unpaid"),
    ("incomplete", {}, ENDING, "incomplete", "incomplete"),
    ("incomplete_expired", {}, ENDING, "incomplete_expired", "incomplete_expired"),
    ("paused", {"on_pause": "suspend"}, ENDING, "paused", "paused"),
    ("paused", {"on_pause": "keep"}, ENDING, "access", "access"),
    ("canceled", {}, ENDING, "access", "access"),
    ("canceled", {}, ENDLESS, "access, look again", "canceled"),
    ("a_ninth", {}, ENDING, "access, look again", "a_ninth"),
]


@pytest.mark.parametrize(("status", "terms", "license_type", "while_paid", "later"), STATUSES)
def test_pain_24_each_status_says_when_a_license_is_held(
    status: str, terms: dict[str, str], license_type: LicenseType, while_paid: str, later: str
) -> None:
    """One table, the same for every buyer. A license with an end of its own expires by itself."""
    sale = bought(status)

    assert told(access(sale, license_type, BEFORE, **terms)) == while_paid
    assert told(access(sale, license_type, AFTER, **terms)) == later


@pytest.mark.parametrize("behavior", ["keep_as_draft", "mark_uncollectible", "void"])
@pytest.mark.parametrize(("choice", "word"), [("suspend", "collection_paused"), ("keep", "access")])
def test_a_pause_of_the_collection_is_held_as_the_mapping_says(
    behavior: str, choice: str, word: str
) -> None:
    """Its status stays active; the three behaviors differ only in the invoices."""
    assert told(access(bought(collection_paused=behavior), on_pause=choice)) == word


def test_grace_moves_the_end_and_the_hold_alike() -> None:
    """Ten days of grace: the license runs so long, and is held no sooner."""
    found = access(bought("past_due"), grace_days=10)

    assert (found.expires_at, found.look_again_at) == (on(2027, 1, 11), on(2027, 1, 11))
    assert told(access(bought("past_due"), now=on(2027, 1, 10), grace_days=10)) != "past_due"
    assert told(access(bought("past_due"), now=on(2027, 1, 11), grace_days=10)) == "past_due"


def test_pain_24_no_grace_follows_a_canceled_subscription() -> None:
    """The grace is for a payment that may still come; what was suspended for one stays so."""
    canceled = bought("canceled")

    assert told(access(canceled, now=BEFORE, grace_days=30)) == "access, look again"
    assert told(access(canceled, now=on(2027, 1, 2), grace_days=30)) == "canceled"
    assert told(access(canceled, ENDLESS, on(2027, 1, 2), grace_days=30)) == "canceled"


@pytest.mark.parametrize("invoice", ["void", "uncollectible"])
def test_what_will_not_be_paid_gives_no_access_beyond_what_was(invoice: str) -> None:
    """Stripe calls the subscription active again; a license without an end would run for ever."""
    sale = bought("active", latest_invoice=invoice)

    assert told(access(sale, ENDLESS, BEFORE)) == "access, look again"
    assert told(access(sale, ENDLESS, AFTER)) == "written_off"
    assert told(access(sale, ENDING, AFTER)) == "access"
    assert told(access(bought("active", latest_invoice="open"), ENDLESS, AFTER)) == "access"


def test_on_a_test_clock_it_is_as_late_as_stripe_says() -> None:
    """The wall clock says nothing there, and no wake-up by it makes sense."""
    sale = replace(bought("past_due"), test_clock=AFTER)
    early = replace(sale, test_clock=BEFORE)

    assert told(access(sale, now=BEFORE)) == "past_due"
    assert told(access(early, now=AFTER)) == "access"


CANCELED_EARLY = bought("canceled", ended_at=on(2026, 6))
CANCELED_AT_END = bought("canceled", ended_at=END)


@pytest.mark.parametrize(
    ("sale", "license_type", "choice", "word"),
    [
        (CANCELED_EARLY, ENDING, "period_end", "access"),
        (CANCELED_EARLY, ENDING, "revoke", "canceled"),
        (CANCELED_AT_END, ENDING, "revoke", "access"),
        (CANCELED_EARLY, ENDLESS, "revoke", "canceled"),
        (CANCELED_EARLY, "consumption", "revoke", "canceled"),
    ],
)
def test_a_cancellation_takes_paid_time_only_where_the_mapping_says_so(
    sale: Bought, license_type: LicenseType, choice: str, word: str
) -> None:
    """With `revoke` what is left of it is lost; where nothing is left there is nothing to take."""
    assert told(access(sale, license_type, on_cancel=choice)) == word


@pytest.mark.parametrize(
    ("license_type", "choice", "word"),
    [
        (ENDING, "period_end", "access"),
        (ENDING, "revoke", "removed"),
        (ENDLESS, "period_end", "access, look again"),
        (ENDLESS, "revoke", "removed"),
    ],
)
def test_an_item_taken_off_keeps_its_paid_period(
    license_type: LicenseType, choice: str, word: str
) -> None:
    """Like a cancellation of this item alone."""
    sale = bought()
    gone = replace(sale, lines=(replace(sale.lines[0], removed=True),))

    assert told(access(gone, license_type, on_cancel=choice)) == word


def back(one: Payment, *disputes: str, refunded: int = 1_000) -> Payment:
    charge = Charge(StripeId("ch_1"), 1_000, refunded, refunded == 1_000, disputes)
    return replace(one, charges=(charge,))


TWO_YEARS = (PAID, back(payment("in_2", item("si_1", period=(on(2027), on(2028))))))


def test_pain_23_only_what_was_taken_back_moves_an_end_back() -> None:
    """A refunded second year ends the license with the first."""
    found = access(bought("active", *TWO_YEARS))

    assert found == Access(END, may_shorten=True)
    assert not access(bought()).may_shorten


def test_pain_23_an_endless_license_lapses_with_what_else_was_paid() -> None:
    """It can't be shortened, so it is held when the time that is still paid for is over."""
    sale = bought("active", *TWO_YEARS)

    assert told(access(sale, ENDLESS, BEFORE)) == "access, look again"
    assert told(access(sale, ENDLESS, AFTER)) == "refunded"


def test_pain_23_a_refund_long_ago_holds_nothing_while_the_next_invoice_is_on_its_way() -> None:
    """The first year was given back, the second is over by a minute and Stripe bills the third."""
    payments = (back(PAID), payment("in_2", item("si_1", period=(on(2027), on(2028)))))

    assert told(access(bought("active", *payments), ENDLESS, on(2028, 1, 2))) == "access"


@pytest.mark.parametrize(("choice", "word"), [("revoke", "refunded"), ("suspend", "refunded")])
def test_pain_23_where_nothing_else_is_paid_the_mapping_decides(choice: str, word: str) -> None:
    """Both say why; one is for good."""
    found = access(bought("active", back(PAID)), on_refund=choice)

    assert (found.revoke, found.hold) == ((word, "") if choice == "revoke" else ("", word))


def test_pain_23_an_open_dispute_is_named_before_a_missed_payment() -> None:
    """The cause that billing will lift last is the one a person should know."""
    sale = bought("past_due", back(PAID, "needs_response", refunded=0))

    assert told(access(sale, now=AFTER)) == "disputed"


def test_a_lost_dispute_revokes_also_where_refunds_only_suspend() -> None:
    """It is not the seller's choice that the money is gone."""
    sale = bought("active", back(PAID, "lost", refunded=0))

    assert told(access(sale, on_refund="suspend")) == "dispute_lost"


def test_what_was_sold_once_follows_no_status() -> None:
    """There is no subscription that could be paused, canceled or past due."""
    sale = session(once("li_1"))
    case = Case(sale, sale.lines[0], mapping("price_once", "pol_ever"), ENDLESS, AFTER)

    assert choose_access(case, sale.payments[0]) == Access(None)


def test_a_time_limited_policy_without_a_term_is_a_problem_and_no_guess() -> None:
    """Nobody can tell when it should end."""
    sale = session(once("li_1"))
    terms = mapping("price_once", "pol_days")

    found = choose_access(Case(sale, sale.lines[0], terms, "time_limited", AFTER), sale.payments[0])

    assert isinstance(found, Problem)
    assert found.cause == "term_missing"
