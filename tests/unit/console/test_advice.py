"""What the page says about now: whether anybody has to do anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.story.advice import advise
from console.story.values import Linked, Queued, Story, Waiting
from shared.keys import SaleKey, StripeId
from worker.state import Decision

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PROBLEM = Waiting("unmapped_price", "price_1", "si_1", "map it", NOW)


def story(status: str | None = "settled", *problems: Waiting, **queue: Any) -> Story:
    standing: dict[str, Any] = {"wanted": 1, "seen": 1, "due_at": NOW, "hinted_at": NOW}
    standing |= {"attempts": 0, "leased_until": None, **queue}
    key = SaleKey("", False, "subscription", StripeId("sub_1"))
    paid = {"stage": "paid", "reason": "sub_1 is active; 1 invoice paid"}
    return Story(key, status, "cus_1", paid, Queued(**standing), (), (), problems)


@pytest.mark.parametrize(
    ("told", "begins"),
    [
        (story(), "At rest"),
        (story("settled", leased_until=NOW + timedelta(seconds=9)), "A worker is at it"),
        (story("settled", leased_until=NOW - timedelta(seconds=9)), "At rest"),
        (story(None, seen=0), "Waiting for a worker since 2026-11-21 12:00:00"),
        (
            story("failed", seen=0, attempts=3, due_at=NOW + timedelta(minutes=5)),
            "The last 3 attempts failed; it is tried again by itself at 2026-11-21 12:05:00",
        ),
        (story("blocked", PROBLEM), "It waits for you"),
        (story("refused"), "The plan would take away too much"),
        (story("failed"), "The last pass ended as failed"),
        (story(None), "No pass has looked at it yet"),
    ],
)
def test_the_page_says_whether_somebody_has_to_do_something(told: Story, begins: str) -> None:
    """The first words of the advice tell where the sale stands."""
    assert advise(told, now=NOW).startswith(begins)


@pytest.mark.parametrize("told", [story("blocked", PROBLEM), story("refused"), story("failed")])
def test_advice_for_a_person_names_the_command(told: Story) -> None:
    """Who is woken at night should copy, not think."""
    assert "fulfill reconcile sub_1" in advise(told, now=NOW)


def test_a_sale_that_awaits_its_payment_does_not_claim_that_the_buyer_holds_something() -> None:
    """At rest is not the same as licensed."""
    waiting = {"stage": "awaiting_payment", "reason": "cs_1 awaits its payment"}

    told = advise(replace(story(), bought=waiting), now=NOW)

    assert told == "At rest, with nothing to license: cs_1 awaits its payment."


def license_(stripe_key: str, **written: str) -> Linked:
    return Linked("license", stripe_key, f"lic_{stripe_key[-1]}", written, {}, NOW)


@pytest.mark.parametrize(
    ("links", "says"),
    [
        (
            [license_("si_1/1", hold="disputed")],
            "At rest, without access: lic_1 is suspended, because a dispute is open about what "
            "pays for it. Billing lifts that by itself once it is over. There is nothing to do.",
        ),
        (
            [license_("si_1/1", revoked="refunded")],
            "At rest, without a license: lic_1 was revoked, because what paid for it was "
            "refunded. A new payment brings a new license. There is nothing to do.",
        ),
        (
            [license_("si_1/1", revoked="replaced"), license_("si_1/1/2")],
            "At rest: the buyer holds what was bought. There is nothing to do.",
        ),
    ],
    ids=["held", "taken away", "replaced"],
)
def test_a_buyer_without_access_is_told_as_such_and_why(links: list[Linked], says: str) -> None:
    """Somebody asks why it does not work: the answer is the first thing to read."""
    assert advise(replace(story(), links=tuple(links)), now=NOW) == says


HELD = Decision("hold", "the card was stolen", "ada@desk", NOW)
WHO = "ada@desk held the sale on 2026-11-21 12:00:00: the card was stolen."


def test_a_sale_that_a_person_decided_about_says_who_why_and_how_to_end_it() -> None:
    """Whoever is asked why it does not work need not look further."""
    canceled = replace(HELD, kind="cancel")

    assert advise(replace(story(), decision=HELD), now=NOW) == (
        f"At rest, without access: every license is suspended. {WHO} Billing does not undo that. "
        'To let billing decide again: fulfill release sub_1 --reason "…"'
    )
    assert advise(replace(story(), decision=canceled), now=NOW).startswith(
        "At rest, without a license: what there was is revoked, and none is issued. ada@desk "
    )


@pytest.mark.parametrize(
    "told", [story("blocked", PROBLEM), story("settled", seen=0), story("failed"), story(None)]
)
def test_what_a_person_decided_is_told_also_while_something_else_is_to_do(told: Story) -> None:
    """First the decision, then what the sale waits for."""
    assert advise(replace(told, decision=HELD), now=NOW) == (
        f"{WHO} Billing does not undo that. {advise(told, now=NOW)}"
    )
