"""What a sweep has found: one row a sale, told in numbers at the end."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from shared.database import reading, transaction
from tests.integration.worker.sweep.wishes import ask, keep, kept, key
from worker.plan.guard import Limits
from worker.sweep import found
from worker.sweep.report import PLANS_SHOWN, Tally, make_report


def seen(*kinds: str, causes: tuple[str, ...] = (), takes_away: bool = False) -> dict[str, Any]:
    """As a look tells it."""
    counts = {kind: kinds.count(kind) for kind in kinds}
    plan = {"steps": list(kinds), "problems": [{"cause": cause} for cause in causes]}
    return {"kinds": counts, "causes": list(causes), "takes_away": takes_away, "plan": plan}


def report(engine: Engine, sweep_id: int, **unread: str) -> dict[str, Any]:
    with reading(engine) as tx:
        return make_report(tx, sweep_id, Limits(), unread)


@pytest.fixture
def sweep(engine: Engine) -> int:
    return ask(engine)


def test_a_sale_that_is_found_again_stays_as_it_is(engine: Engine, sweep: int) -> None:
    """Ten invoices name one subscription; one that was looked at is not looked at once more."""
    one = key("sub_1")
    keep(engine, sweep, one, one)
    with transaction(engine) as tx:
        found.write(tx, sweep, one, "rest", None)

    keep(engine, sweep, one, key("sub_2"), one)

    assert kept(engine, sweep) == {"rest": 1, "found": 1}


def test_nothing_found_is_nothing_written(engine: Engine, sweep: int) -> None:
    """A page of unpaid invoices."""
    keep(engine, sweep)

    assert kept(engine, sweep) == {}
    with reading(engine) as tx:
        assert (found.some(tx, sweep, "found", 10), list(found.all_seen(tx, sweep))) == ([], [])


def test_one_object_may_be_in_several_accounts_and_modes(engine: Engine, sweep: int) -> None:
    """They are sales apart, and so are those of another sweep."""
    keys = [key("sub_1"), key("sub_1", livemode=True), key("sub_1", "acct_1")]
    other = ask(engine)
    keep(engine, sweep, *keys)
    keep(engine, other, keys[0])

    with transaction(engine) as tx:
        found.write(tx, sweep, keys[1], "due", seen("issue-license"))

    assert (kept(engine, sweep), kept(engine, other)) == ({"found": 2, "due": 1}, {"found": 1})


def test_some_come_in_the_order_in_which_all_who_raise_lock_them(
    engine: Engine, sweep: int
) -> None:
    """By account, mode, kind and object, so that no two wait for each other."""
    keys = [
        key(name, account, livemode=mode)
        for account in ("", "acct_1")
        for mode in (False, True)
        for name in ("sub_1", "sub_10", "sub_2")
    ]
    keep(engine, sweep, *random.Random(7).sample(keys, len(keys)))

    with reading(engine) as tx:
        assert found.some(tx, sweep, "found", 100) == keys
        assert found.some(tx, sweep, "found", 5) == keys[:5]


def test_what_was_raised_is_not_due_any_more_and_still_counts(engine: Engine, sweep: int) -> None:
    """A sweep that is killed between two batches raises none of them twice."""
    keys = [key("sub_1"), key("sub_2"), key("sub_3")]
    keep(engine, sweep, *keys, state="due", seen=seen("issue-license"))

    with transaction(engine) as tx:
        found.raised(tx, sweep, keys[:2])

    with reading(engine) as tx:
        assert found.some(tx, sweep, "due", 10) == [keys[2]]
    assert report(engine, sweep)["due"] == 3


def test_a_report_counts_what_would_change_and_what_hinders(engine: Engine, sweep: int) -> None:
    """What is at rest is a number; what was handed to another sale is told of that one only."""
    keep(engine, sweep, key("sub_1"), key("sub_2"), state="rest")
    keep(engine, sweep, key("ch_1"), state="moved")
    keep(engine, sweep, key("sub_3"), state="due", seen=seen("record-order", "issue-license"))
    blocked = seen("issue-license", causes=("unmapped_price", "guard"))
    keep(engine, sweep, key("sub_4"), state="raised", seen=blocked)
    keep(engine, sweep, key("sub_5"), state="due")  # sold, at rest, and not known to us

    assert report(engine, sweep, invoices="Stripe refused") == {
        "sales": 5,
        "at_rest": 2,
        "due": 3,
        "with_steps": 2,
        "with_problems": 1,
        "taking_away": 0,
        "changes": {"issue-license": 2, "record-order": 1},
        "problems": {"guard": 1, "unmapped_price": 1},
        "plans": [seen("record-order", "issue-license")["plan"], blocked["plan"]],
        "plans_left_out": 0,
        "guard": None,
        "unread": {"invoices": "Stripe refused"},
        "raised": 0,
    }


def test_an_empty_shop_has_an_empty_report(engine: Engine, sweep: int) -> None:
    """All zeros, and nothing in the guard's way."""
    empty = report(engine, sweep)

    assert {name: value for name, value in empty.items() if value} == {}
    assert empty["guard"] is None


@pytest.mark.parametrize(("taking", "refused"), [(1, False), (2, True)])
def test_the_share_is_counted_over_all_sales_also_those_at_rest(
    engine: Engine, sweep: int, taking: int, refused: bool
) -> None:
    """Two of nine are more than a fifth; one alone is no share."""
    losing = seen("revoke-license", takes_away=True)
    rest = [key(f"sub_{number}") for number in range(9 - taking)]
    keep(engine, sweep, *rest, state="rest")
    keep(engine, sweep, *(key(f"in_{n}") for n in range(taking)), state="due", seen=losing)

    told = report(engine, sweep)

    assert (told["taking_away"], told["guard"] is not None) == (taking, refused)


@pytest.fixture
def tally() -> Callable[[int], Tally]:
    """Counts over so many sales with a plan each."""

    def count(number: int) -> Tally:
        counts = Tally()
        for _ in range(number):
            counts.add(seen("issue-license"))
        return counts

    return count


def test_a_report_shows_a_hundred_plans_and_counts_the_others(
    tally: Callable[[int], Tally],
) -> None:
    """Any other is shown by `fulfill plan`; a report of a million sales stays readable."""
    few, many = tally(PLANS_SHOWN), tally(PLANS_SHOWN + 3)

    assert (len(few.plans), few.plans_left_out) == (PLANS_SHOWN, 0)
    assert (len(many.plans), many.plans_left_out) == (PLANS_SHOWN, 3)
    assert many.changes == {"issue-license": PLANS_SHOWN + 3}


def test_a_plan_that_was_not_kept_is_counted_as_left_out(tally: Callable[[int], Tally]) -> None:
    """Beyond the first hundred a sweep keeps numbers only."""
    counts = tally(1)
    counts.add({**seen("renew-license"), "plan": None})

    assert (len(counts.plans), counts.plans_left_out, counts.with_steps) == (1, 1, 2)
