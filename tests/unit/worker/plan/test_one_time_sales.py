"""What a one-time checkout brings its buyer."""

from __future__ import annotations

import pytest

from shared.keys import StripeId
from tests.worlds.sales import (
    NOW,
    SESSION,
    causes_of,
    mapping,
    once,
    plan_for,
    session,
    steps_of,
)
from worker.state import Bought, Buyer, Stage

EVER = mapping("price_once", "pol_ever")


def test_buying_a_perpetual_product_brings_a_license_that_never_ends() -> None:
    """Customer, order and license are made in this order; then the ids go to Stripe."""
    plan = plan_for(session(once("li_1")), EVER)

    assert steps_of(plan) == [
        "find or create customer cus_ada",
        "record order cs_1 of prod_app: paid",
        "issue license li_1/1 under pol_ever for ever",
        "write ids to customer cus_ada",
        "write ids to checkout session cs_1",
        "write ids to payment intent pi_cs_1",
    ]


def test_pain_19_two_products_in_one_checkout_bring_two_orders_and_two_licenses() -> None:
    """Every line is read, and an order belongs to one LicenseKit product."""
    bought = session(once("li_1"), once("li_2", "price_two"), targets=())
    two = mapping("price_two", "pol_ever", product="prod_two", version=2)

    plan = plan_for(bought, EVER, two)

    assert steps_of(plan) == [
        "find or create customer cus_ada",
        "record order cs_1 of prod_app: paid",
        "record order cs_1 of prod_two: paid",
        "issue license li_1/1 under pol_ever for ever",
        "issue license li_2/1 under pol_ever for ever",
    ]


def test_two_lines_of_one_product_share_an_order() -> None:
    """LicenseKit keeps one order for each payment and product."""
    bought = session(once("li_1"), once("li_2"), targets=())

    assert steps_of(plan_for(bought, EVER)) == [
        "find or create customer cus_ada",
        "record order cs_1 of prod_app: paid",
        "issue license li_1/1 under pol_ever for ever",
        "issue license li_2/1 under pol_ever for ever",
    ]


def test_pain_12_a_sale_that_cost_nothing_brings_the_same_license() -> None:
    """Facts decide, not amounts: a full coupon is a sale."""
    free = session(once("li_1", amount_minor_units=0), targets=())

    assert steps_of(plan_for(free, EVER))[-1] == "issue license li_1/1 under pol_ever for ever"


@pytest.mark.parametrize("stage", ["awaiting_payment", "closed", "not_licensed"])
def test_what_is_not_paid_brings_nothing(stage: Stage) -> None:
    """An open, failed or expired checkout is at rest; its reason is told."""
    plan = plan_for(Bought(SESSION, stage, "cs_1 awaits its payment"), EVER)

    assert (plan.settled, plan.notes) == (True, ("cs_1 awaits its payment",))


def test_a_sale_that_stripe_does_not_know_takes_nothing_away() -> None:
    """A key of another account must not revoke anybody: it is a problem for a person."""
    plan = plan_for(Bought(SESSION, "missing", "no such object"), EVER)

    assert (plan.steps, causes_of(plan)) == ((), ["missing_in_stripe"])
    assert "the buyer keeps what stands" in plan.problems[0].message


def test_a_term_counts_from_the_payment() -> None:
    """A time-limited product sold once ends `term_days` after it was paid."""
    year = mapping("price_once", "pol_days", term_days=365)

    plan = plan_for(session(once("li_1"), targets=()), year)

    assert NOW.date().isoformat() == "2026-11-21"
    assert steps_of(plan)[-1] == "issue license li_1/1 under pol_days until 2027-11-21"


def test_a_term_and_grace_add_up() -> None:
    """Grace comes on top of the term."""
    days = mapping("price_once", "pol_days", term_days=10, grace_days=5)

    plan = plan_for(session(once("li_1"), targets=()), days)

    assert steps_of(plan)[-1] == "issue license li_1/1 under pol_days until 2026-12-06"


def test_a_time_limited_product_without_a_term_is_a_problem_that_says_how_to_mend_it() -> None:
    """No end is invented: the order is kept and the license waits for its term."""
    plan = plan_for(session(once("li_1"), targets=()), mapping("price_once", "pol_days"))

    assert steps_of(plan) == [
        "find or create customer cus_ada",
        "record order cs_1 of prod_app: paid",
    ]
    assert causes_of(plan) == ["term_missing"]
    assert "--term-days 365" in plan.problems[0].message


def test_pain_14_a_guest_is_known_by_the_session() -> None:
    """No customer in Stripe: the session names the buyer, and nobody else is found by e-mail."""
    guest = Buyer(StripeId("cs_1"), "Ada", "ada@example.com")

    plan = plan_for(session(once("li_1"), buyer=guest, targets=()), EVER)

    assert steps_of(plan)[0] == "find or create customer cs_1"
