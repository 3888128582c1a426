"""The page that a person reads at night: everything on it, in the order of the questions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console, RenderableType

from console.fulfillments.values import Fulfillment, StepRow
from console.story import story_json
from console.story.applied import Applied
from console.story.page import event_page, story_page
from console.story.values import Delivered, Linked, Passed, Queued, Story, Waiting
from shared.keys import SaleKey, StripeId

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = SaleKey("", False, "subscription", StripeId("sub_1"))

EVENT = Delivered("evt_1", "invoice.paid", "recorded", None, "in_1", NOON, NOON)
STEP = StepRow("issue pol_1 for si_1", "issue/si_1", "done", None, "si_1 is paid")
PASS = Fulfillment(
    pass_id=7,
    sale=KEY,
    events=("evt_1",),
    status="applied",
    steps=(STEP,),
    problems=(),
    customer_id="cust_1",
    order_ids=("ord_1",),
    subscription_id="sub_lk",
    license_ids=("lic_1",),
    started_at=NOON + timedelta(seconds=1),
    finished_at=NOON + timedelta(seconds=2),
    error=None,
)
LICENSE = Linked(
    "license", "si_1/1", "lic_1", {"expires_at": "2027-01-01"}, {"price": "price_1"}, NOON
)
BOUGHT = {
    "stage": "paid",
    "reason": "sub_1 is active; 1 invoice paid",
    "lines": [
        {
            "id": "si_1",
            "price": "price_1",
            "product": "prod_1",
            "quantity": 2,
            "paid_until": "2026-12-20T12:00:00Z",
        }
    ],
    "payments": [
        {
            "id": "in_1",
            "paid_at": "2026-11-20T12:00:00Z",
            "payment_intent": "pi_1",
            "charge": "ch_1",
            "amount_minor_units": 900,
            "currency": "eur",
        }
    ],
}


def told(*passes: Fulfillment, **more: Any) -> Story:
    story = Story(
        key=KEY,
        status="applied",
        customer_id="cus_1",
        bought=BOUGHT,
        queue=Queued(1, 1, NOON, NOON, 0, None),
        told=(EVENT, *(Passed(one, "shop:1", ("a note",)) for one in passes)),
        links=(LICENSE,),
        problems=(),
    )
    return replace(story, **more)


def text(page: RenderableType) -> str:
    console = Console(width=200, record=True, file=StringIO())
    console.print(page)
    return console.export_text()


def page(story: Story) -> str:
    return text(story_page(story, now=NOON))


def test_the_page_tells_what_came_in_what_was_done_and_why() -> None:
    """Delivery, pass, step and reason, each on its line and in time order."""
    shown = page(told(PASS))

    places = [
        shown.index(words)
        for words in (
            "subscription sub_1", "customer cus_1", "invoice.paid  evt_1", "pass #7", "a note",
            "issue pol_1 for si_1", "because si_1 is paid", "In LicenseKit", "license      lic_1",
            "expires_at 2027-01-01", "price price_1", "Now: At rest",
        )
    ]  # fmt: skip
    assert places == sorted(places)


def test_the_page_says_what_was_bought_and_until_when_it_is_paid() -> None:
    """Also where an older release read the sale, which kept fewer facts of it."""
    shown = page(told(PASS))

    assert "  si_1  2 x price_1  paid until 2026-12-20T12:00:00Z" in shown
    assert "  in_1  9.00 EUR, 2026-11-20T12:00:00Z  pi_1  ch_1" in shown


def test_a_pass_that_found_nothing_to_do_says_so() -> None:
    """Silence would look like a pass that was lost."""
    assert "nothing to do" in page(told(replace(PASS, status="settled", steps=())))


def test_what_went_wrong_stands_under_its_step_and_its_pass() -> None:
    """The step that failed, the problem that stopped it, and the error of the whole pass."""
    failed = replace(STEP, status="failed", error="LicenseKit answered 500")
    broken = replace(
        PASS,
        status="failed",
        steps=(failed,),
        problems=({"cause": "unmapped_price", "message": "price_2 has no policy"},),
        error="Attempt 1; next at 12:05.",
    )

    shown = page(told(broken))

    for words in ("LicenseKit answered 500", "price_2 has no policy", "Attempt 1; next at 12:05."):
        assert words in shown


def test_a_record_that_is_only_intended_is_shown_as_being_made() -> None:
    """An intent without an id says that a create was begun."""
    assert "being made" in page(told(links=(replace(LICENSE, licensekit_id=None),)))


def test_a_record_tells_each_line_it_was_made_for() -> None:
    """An order over two lines names both; what the head says already is not repeated."""
    order = Linked(
        "order", "in_1/prod_1", "ord_1", {"status": "paid", "note": None},
        {
            "stripe_mode": "test", "stripe_subscription": "sub_1", "stripe_invoice": "in_1",
            "lines": [{"stripe_price": "price_1"}, {"stripe_price": "price_2"}],
        },
        NOON,
    )  # fmt: skip

    shown = page(told(links=(order,)))

    assert "status paid" in shown
    assert "stripe_invoice in_1" in shown
    assert "lines: stripe_price price_1" in shown
    assert "lines: stripe_price price_2" in shown
    assert "stripe_mode" not in shown
    assert "stripe_subscription" not in shown


def test_a_delivery_that_came_late_says_when_it_was_made() -> None:
    """Stripe delivers again for days; the difference explains a late license."""
    late = replace(EVENT, received_at=NOON + timedelta(hours=2))

    assert "created 2026-11-20 12:00:00" in page(told(told=(late,)))
    assert "created" not in page(told())


def test_problems_say_since_when_and_for_which_line() -> None:
    """The person sees at once which price of which line waits, and how long."""
    waiting = Waiting("unmapped_price", "price_2", "si_2", "Map price_2.", NOON)

    shown = page(told(problems=(waiting,)))

    assert "unmapped_price price_2 (si_2), since 2026-11-20 12:00:00" in shown
    assert "Map price_2." in shown


def test_a_sale_that_nobody_has_looked_at_yet_says_so() -> None:
    """Its first delivery may be a second old."""
    shown = page(told(status=None, told=(), links=()))

    assert "not looked at yet" in shown
    assert "nothing is written down yet" in shown


@pytest.mark.parametrize("state", ["ignored", "refused"])
def test_an_event_without_a_sale_is_told_with_its_reason(state: str) -> None:
    """It did arrive; the page says why nothing came of it."""
    shown = text(event_page(replace(EVENT, state=state, reason="another mode")))

    assert "evt_1" in shown
    assert state in shown
    assert "another mode" in shown


def test_texts_from_outside_are_never_read_as_markup() -> None:
    """A reason in brackets must stand there as it was written."""
    odd = replace(STEP, step="[bold]issue[/bold] pol_1")

    assert "[bold]issue[/bold] pol_1" in page(told(replace(PASS, steps=(odd,))))


def test_for_machines_the_story_keeps_times_reasons_and_states() -> None:
    """All that the page shows is in the JSON too."""
    waiting = Waiting("unmapped_price", "price_2", "si_2", "Map price_2.", NOON)
    due = Queued(2, 1, NOON, NOON, 3, NOON + timedelta(seconds=30))

    shown = told(PASS, problems=(waiting,), queue=due).as_json("Look again.")

    assert shown["now"] == "Look again."
    assert shown["queue"] == {
        "due": True,
        "due_at": "2026-11-20T12:00:00.000Z",
        "hinted_at": "2026-11-20T12:00:00.000Z",
        "attempts": 3,
        "leased_until": "2026-11-20T12:00:30.000Z",
    }
    assert [one["what"] for one in shown["story"]] == ["delivery", "pass"]
    assert shown["story"][1]["steps"][0]["why"] == "si_1 is paid"
    assert shown["problems"][0]["message"] == "Map price_2."
    assert shown["links"][0]["written"] == {"expires_at": "2027-01-01"}


def applied(version: int) -> Applied:
    return Applied("price_1", version, None, version)


def test_the_first_lines_say_whether_the_buyer_has_access() -> None:
    """Before anything that happened."""
    lines = page(told(PASS)).splitlines()

    assert lines[1].startswith("Access: yes, by lic_1 until 2027-01-01")


def test_an_event_that_a_sweep_fetched_is_told_from_a_delivery() -> None:
    """It never came in by itself: somebody should look at the endpoint."""
    shown = page(told(told=(replace(EVENT, fetched=True),)))

    assert "invoice.paid  evt_1  fetched by a sweep; never delivered" in shown
    assert "delivery" not in shown
    assert "never delivered" in text(event_page(replace(EVENT, fetched=True)))


def test_each_pass_that_followed_other_terms_says_which() -> None:
    """A sale may have been moved since; most passes follow the same, which is told once."""
    row = [replace(PASS, pass_id=n) for n in (1, 2, 3)]
    versions = (3, 3, 5)
    passes = [Passed(r, "w", (), (applied(v),)) for r, v in zip(row, versions, strict=True)]
    shown = page(told(told=tuple(passes)))

    assert shown.count("under price_1  mapping 3") == 1
    assert shown.index("pass #3") < shown.index("under price_1  mapping 5")


def test_a_problem_has_the_command_that_releases_it() -> None:
    """The same as in the list of all problems."""
    waiting = Waiting("guard", "sub_1", "", "too much", NOON, command="fulfill reconcile sub_1")

    assert "To release it: fulfill reconcile sub_1" in page(told(problems=(waiting,)))


def test_a_record_leads_into_licensekits_app_where_there_is_one() -> None:
    """One click further, when LICENSEKIT_APP_URL says where."""
    shown = text(story_page(told(PASS), now=NOON, app_url="https://app.example"))

    assert "https://app.example/licenses/lic_1" in shown
    assert "https://" not in page(told(PASS))
    data = story_json(told(PASS), now=NOON, app_url="https://app.example")
    assert data["links"][0]["url"] == "https://app.example/licenses/lic_1"
    assert data["access"]["granted"] is True
