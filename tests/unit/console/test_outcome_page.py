"""What `fulfill reconcile` and `fulfill plan` show to people."""

from __future__ import annotations

from io import StringIO

from rich.console import Console, RenderableType

from console.commands.plan import plan_page
from console.commands.reconcile import outcome_page
from console.outcomes import Outcome
from console.story.applied import Applied
from shared.keys import SaleKey, StripeId
from tests.worlds.sales import mapping
from worker.closing import Seen
from worker.plan.plan import Plan
from worker.plan.terms import Terms
from worker.state import Bought, Held, Problem

KEY = SaleKey("", False, "checkout_session", StripeId("cs_1"))
PROBLEM = Problem("unmapped_price", "price_1", "price_1 has no policy. Map it.")


def text(page: RenderableType) -> str:
    console = Console(width=160, record=True, file=StringIO())
    console.print(page)
    return console.export_text()


def seen(plan: Plan) -> Seen:
    return Seen(KEY, Bought(KEY, "paid", "the session is paid"), Held(), plan, Terms({}))


def test_each_sale_says_how_it_ended_what_was_done_and_what_is_wrong() -> None:
    """One block a sale."""
    shown = text(
        outcome_page(
            [
                Outcome(KEY, "applied", 7, ("issue license li_1/1",), None),
                Outcome(KEY, "blocked", 8, (), "price_1 has no policy. Map it."),
            ]
        )
    )

    places = [
        shown.index(words)
        for words in ("cs_1  applied", "issue license li_1/1", "cs_1  blocked", "Map it.")
    ]
    assert places == sorted(places)


def test_an_outcome_for_machines_names_the_sale_its_pass_and_its_steps() -> None:
    """The same as in the log."""
    assert Outcome(KEY, "applied", 7, ("issue license li_1/1",), None).as_json() == {
        "sale": {"account": "", "livemode": False, "kind": "checkout_session", "id": "cs_1"},
        "status": "applied",
        "pass": 7,
        "steps": ["issue license li_1/1"],
        "error": None,
    }


def test_a_plan_tells_the_kind_of_sale_and_the_terms_it_follows() -> None:
    """Only the terms that somebody chose: the others are at their default."""
    sold = mapping("price_1", "pol_1", version=3, grace_days=7)

    page = plan_page(seen(Plan()), None, [Applied("price_1", 3, sold, 3)])

    assert text(page).splitlines()[1:3] == [
        "  one-time sale",
        "  price_1  mapping 3: prod_app / pol_1 grace_days=7",
    ]


def test_a_plan_for_a_sale_at_rest_says_that_nothing_is_to_be_done() -> None:
    """And offers no command."""
    shown = text(plan_page(seen(Plan()), None))

    assert "the session is paid" in shown
    assert "Nothing to do" in shown
    assert "fulfill reconcile" not in shown


def test_a_plan_with_a_problem_shows_it_and_does_not_claim_to_be_at_rest() -> None:
    """A person is needed first."""
    shown = text(plan_page(seen(Plan(problems=(PROBLEM,), notes=("li_2 is free",))), None))

    assert "price_1 has no policy. Map it." in shown
    assert "li_2 is free" in shown
    assert "Nothing to do" not in shown


def test_a_plan_that_the_guard_would_refuse_says_so() -> None:
    """Both numbers stand in the guard's own words."""
    shown = text(plan_page(seen(Plan()), "it would revoke 9 of 9 licenses"))

    assert "The guard would refuse this: it would revoke 9 of 9 licenses" in shown
