"""Which sale at rest breaks an invariant, and which only looks as if it did. Pure."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds.sales import NOW, on
from worker.invariants.sales import Given, Rested, has_unpaid_license, lacks_license

NEVER = {"expires_at": "never"}
LINE = {"id": "si_1", "price": "price_1", "quantity": 1, "paid_until": None, "removed": False}
PAID = {"id": "in_1", "amount_minor_units": 100, "refunded_minor_units": 0, "disputes": []}
BACK = PAID | {"refunded_minor_units": 100}
RUNS = {"status": "active", "collection_paused": None}
NEXT_YEAR, LAST_YEAR = on(2027).isoformat(), on(2025).isoformat()


def sale(*written: dict[str, Any], keeps: tuple[str, ...] = (), **bought: Any) -> Rested:
    """A paid one-time sale of one line, with a license for each of `written`."""
    facts = {"stage": "paid", "subscription": None, "lines": [LINE], "payments": [PAID], **bought}
    given = tuple(Given("si_1", one) for one in written)
    return Rested(1, "cs_1", facts, given, frozenset(keeps))


def running(**changes: Any) -> dict[str, Any]:
    """A subscription that is paid into the next year."""
    line = LINE | {"paid_until": changes.pop("paid_until", NEXT_YEAR)}
    return {"subscription": RUNS | changes, "lines": [line]}


@pytest.mark.parametrize(
    "broken",
    [
        sale(),
        sale(NEVER | {"revoked": "replaced"}),
        sale(NEVER | {"moved_to": "si_2/1"}),
        sale(NEVER, lines=[LINE, LINE | {"id": "si_2"}]),
        sale(**running()),
        sale(**running(status="trialing")),
    ],
)
def test_a_line_that_is_paid_and_has_no_license_is_found(broken: Rested) -> None:
    """Whatever the pass believed: the buyer has nothing."""
    assert lacks_license(broken, NOW)


@pytest.mark.parametrize(
    "fine",
    [
        sale(NEVER),
        sale({"expires_at": LAST_YEAR}),  # it was given, and has ended
        sale(NEVER | {"hold": "disputed"}),
        sale(stage="awaiting_payment"),
        sale(payments=[BACK]),
        sale(payments=[PAID | {"disputes": ["lost"]}]),
        sale(lines=[LINE | {"removed": True}]),
        sale(lines=[LINE | {"quantity": 0}]),
        sale(**running(paid_until=None)),
        sale(**running(paid_until=LAST_YEAR)),
        sale(**running(status="canceled")),
        sale(**running(collection_paused="void")),
    ],
)
def test_whoever_needs_no_license_is_not_told_of(fine: Rested) -> None:
    """A false alarm at night costs trust in the true ones."""
    assert not lacks_license(fine, NOW)


@pytest.mark.parametrize(
    "broken",
    [
        sale(NEVER, stage="closed"),
        sale({"expires_at": NEXT_YEAR}, stage="awaiting_payment"),
        sale(NEVER, **running(status="unpaid")),
        sale(NEVER, payments=[BACK]),
        sale(NEVER, payments=[BACK, BACK], keeps=("price_other",)),
    ],
)
def test_a_license_that_nobody_pays_for_is_found(broken: Rested) -> None:
    """A revocation or a hold that was lost on the way."""
    assert has_unpaid_license(broken, NOW)


@pytest.mark.parametrize(
    "fine",
    [
        sale(NEVER),
        sale(stage="closed"),
        sale(NEVER | {"revoked": "refunded"}, payments=[BACK]),
        sale(NEVER | {"hold": "refunded"}, payments=[BACK]),
        sale(NEVER | {"lifted": "refunded"}, payments=[BACK]),  # a person let it go on
        sale(NEVER, payments=[BACK], keeps=("price_1",)),  # so do the terms
        sale(NEVER, payments=[BACK, PAID]),
        sale(NEVER, payments=[PAID | {"amount_minor_units": 0}]),
        sale({"expires_at": LAST_YEAR}, stage="closed"),
        sale(NEVER | {"hold": "unpaid"}, **running(status="unpaid")),
    ],
)
def test_a_license_that_stands_with_reason_is_not_told_of(fine: Rested) -> None:
    """Held, taken away, ended, or left to stand by terms or by a person."""
    assert not has_unpaid_license(fine, NOW)
