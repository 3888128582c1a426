"""The first line of a story: whether the buyer has access, and what is in the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.story.access import judge_access
from console.story.values import Linked, Queued, Story, Waiting
from shared.keys import SaleKey, StripeId
from worker.state import Decision

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
UNMAPPED = Waiting("unmapped_price", "price_1", "si_2", "map it", NOW, "price_1 sells nothing.")


def license_(number: int = 1, **written: Any) -> Linked:
    return Linked("license", f"si_{number}/1", f"lic_{number}", written, {}, NOW)


def story(*links: Linked, **more: Any) -> Story:
    key = SaleKey("", False, "subscription", StripeId("sub_1"))
    paid = {"stage": "paid", "reason": "sub_1 is active; 1 invoice paid"}
    told = Story(key, "settled", "cus_1", paid, Queued(1, 1, NOW, NOW, 0, None), (), links, ())
    return replace(told, **more)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (
            story(license_(expires_at="2026-12-20T00:00:00Z")),
            "yes, by lic_1 until 2026-12-20 00:00:00.",
        ),
        (story(license_(expires_at="never")), "yes, by lic_1 for ever."),
        (
            story(license_(revoked="replaced"), license_(2)),
            "yes, by lic_2 for ever.",
        ),
        (
            story(*(license_(n) for n in range(1, 6))),
            "yes, by lic_1 for ever, lic_2 for ever, lic_3 for ever and 2 more.",
        ),
        (
            story(license_(), problems=(UNMAPPED,)),
            "yes, by lic_1 for ever; but nothing was issued for si_2, see the problems.",
        ),
        (
            story(license_(), undelivered=frozenset({"lic_1"})),
            "yes, by lic_1 for ever; but its key was not given out: fulfill keys show lic_1.",
        ),
        (
            story(license_(), license_(2), undelivered=frozenset({"lic_2"})),
            "yes, by lic_1 for ever, lic_2 for ever; but the keys of 1 were not given out: "
            "fulfill keys show lic_2.",
        ),
        (
            story(license_(hold="past_due")),
            "no, lic_1 is suspended, because a payment failed",
        ),
        (
            story(license_(revoked="refunded")),
            "no, lic_1 was revoked, because what paid for it was refunded.",
        ),
        (
            story(license_(expires_at="2026-11-20T00:00:00Z")),
            "no, lic_1 ended on 2026-11-20 00:00:00: nothing is paid beyond.",
        ),
        (
            story(license_(moved_to="si_9/1")),
            "no, lic_1 goes on in another sale of the buyer (si_9/1).",
        ),
        (story(problems=(UNMAPPED,)), "no, no license was issued: price_1 sells nothing."),
        (
            story(queue=Queued(1, 0, NOW, NOW, 3, None)),
            "no, no license was issued yet: it waits since 2026-11-21 12:00:00, 3 attempts failed.",
        ),
        (story(status=None), "no, no pass has looked at it yet."),
        (
            story(bought={"stage": "awaiting_payment", "reason": "cs_1 awaits its payment"}),
            "no, there is nothing to license: cs_1 awaits its payment.",
        ),
        (
            story(decision=Decision("cancel", "fraud", "ada@shop", NOW)),
            "no, ada@shop decided so: fraud.",
        ),
        (story(bought={}), "no, its hints were handed to the sale it belongs to."),
    ],
    ids=lambda one: "" if isinstance(one, Story) else one,
)
def test_the_first_line_says_whether_the_buyer_has_access_and_why_not(
    told: Story, says: str
) -> None:
    """Whoever asks at night reads no further than this."""
    assert str(judge_access(told, now=NOW)).startswith(says)


def test_a_license_ends_by_itself() -> None:
    """Nobody writes anything when time runs out, so the page asks the clock."""
    told = story(license_(expires_at="2026-11-22T00:00:00Z"))

    assert judge_access(told, now=NOW).granted
    assert not judge_access(told, now=NOW + timedelta(days=1)).granted
