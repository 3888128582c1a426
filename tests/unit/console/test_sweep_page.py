"""What a person reads of a sweep: what was looked at, what would change, what was done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.sweep_page import events_page, report_page
from console.sweeping import EventRound
from shared.accounts import ServedAccount
from worker.sweep.events import EventLook
from worker.sweep.requests import Sweep, SweepWish
from worker.sweep.rounds import AccountLook

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
OWN, OTHER = ServedAccount("", False), ServedAccount("acct_1", True)


def look(account: ServedAccount = OWN, **found: Any) -> AccountLook:
    return AccountLook(account, EventLook(account, NOON - timedelta(hours=1), NOON, **found))


@pytest.mark.parametrize(
    ("looks", "due", "lines"),
    [
        ([], 0, ["0 sales due now."]),
        (
            [look()],
            1,
            [
                "your own account (test)",
                "  0 events looked at, none new",
                "  0 sales due by them",
                "  swept until 2026-11-20 12:00:00 UTC",
                "1 sale due now.",
            ],
        ),
        (
            [look(OTHER, looked_at=1, never_delivered=1, raised=1, lost_since=NOON)],
            2,
            [
                "acct_1 (live)",
                "  1 event looked at, 1 was never delivered",
                "  1 sale due by them",
                "  swept until 2026-11-20 12:00:00 UTC",
                "  Events from 2026-11-20 12:00:00 on are listed no more, so a sweep over the "
                "objects was asked for",
                "2 sales due now.",
            ],
        ),
        (
            [AccountLook(OTHER, None, "Stripe does not know this key"), look(looked_at=2)],
            0,
            [
                "acct_1 (live)",
                "  Stripe does not know this key",
                "your own account (test)",
                "  2 events looked at, none new",
                "  0 sales due by them",
                "  swept until 2026-11-20 12:00:00 UTC",
                "0 sales due now.",
            ],
        ),
    ],
    ids=["nobody is served", "a quiet night", "some were lost", "one can't be read"],
)
def test_a_round_over_the_events_is_told_account_by_account(
    looks: list[AccountLook], due: int, lines: list[str]
) -> None:
    """One that could not be looked at hides no other."""
    found = EventRound(looks, due)

    assert events_page(found).plain.splitlines() == lines
    assert found.failed == ["acct_1"] * any(one.error for one in looks)


def test_a_round_in_json_tells_the_same() -> None:
    """An account that failed has its error and no counts."""
    found = EventRound([look(raised=3), AccountLook(OTHER, None, "it is down")], 3)

    assert found.as_json() == {
        "accounts": [
            {
                "account": None,
                "livemode": False,
                "events": 0,
                "never_delivered": 0,
                "sales_raised": 3,
                "swept_from": "2026-11-20T11:00:00Z",
                "swept_until": "2026-11-20T12:00:00Z",
                "lost_since": None,
            },
            {"account": "acct_1", "livemode": True, "error": "it is down"},
        ],
        "sales_due": 3,
    }


REPORT: dict[str, Any] = {
    "plans": [],
    "plans_left_out": 0,
    "sales": 0,
    "at_rest": 0,
    "with_steps": 0,
    "changes": {},
    "with_problems": 0,
    "problems": {},
    "unread": {},
    "guard": None,
    "raised": 0,
}
NOTHING = ["  0 to change: none", "  0 with problems: none"]


def sweep(
    state: str = "done", *, since: datetime | None = None, dry: bool = False, **more: Any
) -> Sweep:
    progress = {"own/test/invoice": {"read": 1}, "own/test/subscription": {"read": 2}}
    return Sweep(
        id=7,
        wish=SweepWish(since, dry, forced=False, asked_by="ada@desk"),
        state=state,
        progress=progress,
        report={**REPORT, **more},
        error=None,
        asked_at=NOON,
        finished_at=NOON,
        token=None,
        leased_until=None,
    )


PLAN = {
    "sale": "own/test/subscription/sub_1",
    "steps": ["issue license si_1/1", "[bold]renew lic_1"],
    "problems": [{"message": "price_2 has no mapping"}],
}


@pytest.mark.parametrize(
    ("found", "lines"),
    [
        (
            sweep(),
            [
                "Sweep 7 over everything: 3 objects read",
                "  0 sales, of which 0 at rest",
                *NOTHING,
                "Nothing to do.",
            ],
        ),
        (
            sweep(since=NOON, sales=1, with_steps=1, raised=1, changes={"issue-license": 1}),
            [
                "Sweep 7 over what changed since 2026-11-20 12:00:00 UTC: 3 objects read",
                "  1 sale, of which 0 at rest",
                "  1 to change: 1 issue license",
                "  0 with problems: none",
                "1 sale due now; workers bring them to rest.",
            ],
        ),
        (
            sweep(dry=True, raised=5, guard="too much", plans=[PLAN], plans_left_out=1),
            [
                "own/test/subscription/sub_1",
                "  + issue license si_1/1",
                "  + [bold]renew lic_1",
                "  ! price_2 has no mapping",
                '1 more plan not shown here; "fulfill plan" shows any one',
                "Sweep 7 over everything: 3 objects read",
                "  0 sales, of which 0 at rest",
                *NOTHING,
                "The guard would refuse this: too much",
                "Nothing was changed.",
            ],
        ),
        (
            sweep(
                "refused",
                sales=2,
                with_problems=2,
                problems={"unmapped_price": 2, "guard": 1},
                unread={"acct_1": "it is down"},
                guard="too much",
            ),
            [
                "Sweep 7 over everything: 3 objects read",
                "  2 sales, of which 0 at rest",
                "  0 to change: none",
                "  2 with problems: 2 unmapped_price, 1 guard",
                "  acct_1 could not be read: it is down",
                "Nothing was changed.",
            ],
        ),
    ],
    ids=["at rest", "one raised", "a dry run that the guard would refuse", "refused"],
)  # fmt: skip
def test_a_sweep_over_the_objects_ends_with_what_was_done(found: Sweep, lines: list[str]) -> None:
    """A dry run and a refusal say that nothing was changed; nothing is read as markup."""
    assert report_page(found).plain.splitlines() == lines
