"""Whom a problem keeps waiting and what they paid: counted once each, in each currency's units."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.problems.stakes import COUNTED, SHOWN, cut, first_of, most, weigh
from console.problems.values import Place, ProblemGroup, Stake, Words

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WORDS = Words("It happened.", "They wait.", "", "fulfill problems")


def paid(amount: int, currency: str = "eur", refunded: int | None = None) -> dict[str, Any]:
    return {"amount_minor_units": amount, "currency": currency, "refunded_minor_units": refunded}


def row(sale: int, *payments: dict[str, Any], **columns: Any) -> Any:
    """A row as the queries give it; without a payment it was read and nothing was paid."""
    values: dict[str, Any] = {"account": "", "livemode": False, "customer_id": f"cus_{sale}"}
    values["bought"] = {"payments": list(payments)}
    return SimpleNamespace(sale_id=sale, **{**values, **columns})


@pytest.mark.parametrize(
    ("rows", "stake"),
    [
        ([], Stake()),
        ([row(1, paid(4900))], Stake(1, 1, {"eur": 4900})),
        ([row(1, paid(4900)), row(1, paid(4900))], Stake(1, 1, {"eur": 4900})),
        (
            [row(1, paid(100), paid(500, "jpy")), row(2, paid(50))],
            Stake(2, 2, {"eur": 150, "jpy": 500}),
        ),
        ([row(1, paid(100, refunded=40))], Stake(1, 1, {"eur": 60})),
        ([row(1, paid(100, refunded=100))], Stake(1, 1, {})),
        ([row(1, paid(100, refunded=140), paid(10))], Stake(1, 1, {"eur": 10})),
        ([row(1, paid(0))], Stake(1, 1, {})),
        ([row(1, bought=None)], Stake(1, 1, {}, at_least=True)),
        ([row(1, bought={})], Stake(1, 1, {})),
    ],
    ids=[
        *("nothing", "one", "the same sale twice", "two currencies", "partly refunded"),
        *("refunded", "more refunded than paid", "free", "never read", "an older release's"),
    ],
)
def test_each_sale_is_weighed_once_by_what_was_kept(rows: list[Any], stake: Stake) -> None:
    """What was given back is nobody's loss; too much given back takes nothing from others."""
    assert weigh(rows, more=False) == stake


@pytest.mark.parametrize(
    ("rows", "buyers"),
    [
        ([row(1, customer_id="cus_1"), row(2, customer_id="cus_1")], 1),
        ([row(1, customer_id=None), row(2, customer_id=None)], 2),
        ([row(1, customer_id="cus_1"), row(2, customer_id="cus_1", account="acct_1")], 2),
        ([row(1, customer_id="cus_1"), row(2, customer_id="cus_1", livemode=True)], 2),
    ],
    ids=["one of two sales", "guests", "two accounts", "two modes"],
)
def test_a_buyer_counts_once_and_a_guest_once_a_sale(rows: list[Any], buyers: int) -> None:
    """A customer's id means somebody only in its account and mode."""
    assert weigh(rows, more=False).buyers == buyers


def test_what_was_not_read_makes_the_count_a_least_one() -> None:
    """Whether others were left out, or one was never read from Stripe."""
    assert weigh([row(1, paid(1))], more=True).at_least
    assert not weigh([row(1, paid(1))], more=False).at_least


@pytest.mark.parametrize(
    ("number", "everything", "left", "more"),
    [
        (COUNTED, False, COUNTED, False),
        (COUNTED + 1, False, COUNTED, True),
        (COUNTED + 1, True, COUNTED + 1, False),
        (0, False, 0, False),
    ],
)
def test_a_thousand_are_weighed_unless_all_are_asked_for(
    number: int, everything: bool, left: int, more: bool
) -> None:
    """A query reads one more than that, which tells whether there are others."""
    rows, others = cut([row(1)] * number, everything=everything)

    assert (len(rows), others) == (left, more)
    assert most(everything=everything) == (None if everything else COUNTED + 1)


@settings(max_examples=50)
@given(st.lists(st.sampled_from([f"sub_{n}" for n in range(15)])), st.booleans())
def test_ids_are_shown_once_each_in_the_order_they_came(names: list[str], everything: bool) -> None:
    """Ten at the most, unless all are asked for."""
    shown = first_of(names, everything=everything)

    assert len(set(shown)) == len(shown)
    assert list(shown) == sorted(shown, key=names.index)
    assert len(shown) == (len(set(names)) if everything else min(SHOWN, len(set(names))))


def group(count: int = 1, **stake: Any) -> ProblemGroup:
    waiting = Stake(**stake)
    return ProblemGroup(Place("guard"), WORDS, count, "sale", waiting, NOON, ("sub_1",))


def test_money_weighs_more_than_buyers_and_buyers_more_than_sales() -> None:
    """Currencies are not compared: any money at all stands before none."""
    ordered = [
        group(buyers=2, sales=2, paid={"jpy": 1}),
        group(buyers=1, sales=9, paid={"eur": 990_000}),
        group(count=3, buyers=5, sales=5),
        group(count=900, buyers=4, sales=8, paid={"eur": 0}),
        group(count=900, buyers=4, sales=7),
        group(count=2),
        group(count=1),
    ]

    weights = [one.weight for one in ordered]
    assert weights == sorted(weights, reverse=True)
    assert len(set(weights)) == len(weights)


def test_a_group_in_json_has_every_fact_and_only_plain_values() -> None:
    """Amounts come as a number and as people read them, currency by currency."""
    told = group(count=12, sales=12, buyers=11, paid={"jpy": 500, "eur": 58800, "kwd": 1500})

    assert told.as_json() == {
        "cause": "guard",
        "subject": "",
        "account": "",
        "livemode": None,
        "happened": "It happened.",
        "means": "They wait.",
        "first": "",
        "command": "fulfill problems",
        "count": 12,
        "unit": "sale",
        "waiting": {
            "sales": 12,
            "buyers": 11,
            "paid": [
                {"currency": "eur", "amount_minor_units": 58800, "amount": "588.00 EUR"},
                {"currency": "jpy", "amount_minor_units": 500, "amount": "500 JPY"},
                {"currency": "kwd", "amount_minor_units": 1500, "amount": "1.500 KWD"},
            ],
            "at_least": False,
        },
        "since": "2026-11-20T12:00:00.000Z",
        "ids": ["sub_1"],
        "says": "",
    }
