"""The four plan categories of the subscription documents, each to the end of its life."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.worlds.ending import Ending, deeds, ending
from tests.worlds.town import Town
from tests.worlds.world import MONTH

TRIAL = 14  # days, from New Year 2030 to the 15th
AFTER_ALL = 70  # days after which all but the recurring sale have ended
FEBRUARY = "2030-02-15T00:00:00+00:00"  # a month after the trial

Sell = Callable[[Town, str], str | None]  # gives the sale's id


def trial_alone(town: Town, price: str) -> str | None:
    """A subscription that ends with its trial."""
    sale = town.stripe.shop.subscribe(price, trial_days=TRIAL).subscription
    assert sale
    town.stripe.shop.cancel_at(sale, town.stripe.shop.read(sale)["trial_end"])
    return sale


def one_iteration(town: Town, price: str) -> str | None:
    """A schedule of one period."""
    shop = town.stripe.shop
    phases = [{"items": [{"price": price}], "iterations": 1}]
    return scheduled(town, shop.customer(email="ada@example.com"), phases)


def trial_and_one_iteration(town: Town, price: str) -> str | None:
    shop, items = town.stripe.shop, [{"price": price}]
    trial = {"items": items, "trial": True, "end_date": town.stripe.now + TRIAL * 24 * 3600}
    phases = [trial, {"items": items, "iterations": 1}]
    return scheduled(town, shop.customer(email="ada@example.com"), phases)


def scheduled(town: Town, customer: str, phases: list[dict[str, Any]]) -> str | None:
    shop = town.stripe.shop
    made = shop.schedule(customer=customer, phases=phases, end_behavior="cancel")
    return str(shop.read(made)["subscription"])


def trial_and_one_charge(town: Town, price: str) -> str | None:
    """`cancel_at` after the first charge."""
    sale = town.stripe.shop.subscribe(price, trial_days=TRIAL).subscription
    assert sale
    town.stripe.shop.cancel_at(sale, FEBRUARY)
    return sale


def for_ever(town: Town, price: str) -> str | None:
    return town.stripe.shop.subscribe(price).subscription


@dataclass(frozen=True, slots=True)
class Life:
    """How one is sold, what `fulfill show` calls it, and how it ends under a type of license."""

    sell: Sell
    category: str
    license_type: str
    license: str
    record: str
    orders: int


LIVES = (
    Life(trial_alone, "trial_only", "trial", "active until 2030-01-15", "canceled", 1),
    Life(one_iteration, "one_time", "perpetual", "active for ever", "canceled", 1),
    Life(one_iteration, "one_time", "time_limited", "active until 2030-02-01", "canceled", 1),
    *(
        Life(sell, "one_time_with_trial", "time_limited", "active until 2030-02-15", "canceled", 2)
        for sell in (trial_and_one_charge, trial_and_one_iteration)
    ),
    Life(for_ever, "recurring", "subscription", "active until 2030-04-01", "active", 3),
)


def shown(town: Town, sale: str | None) -> tuple[str, str]:
    """What `fulfill show` calls it: to a program and to a person."""
    assert sale
    (told,) = json.loads(town.fulfill("show", sale, "--json").output)["sales"]
    (head,) = [row for row in town.fulfill("show", sale).output.splitlines() if "Bought" in row]
    return told["bought"]["category"], head.partition("Bought")[2].strip()


def said(category: str) -> tuple[str, str]:
    people = {
        "trial_only": "trial-only sale",
        "one_time": "one-time sale",
        "one_time_with_trial": "one-time sale with a trial",
        "recurring": "recurring sale",
    }
    return category, people[category]


@pytest.mark.parametrize(
    "life", LIVES, ids=lambda life: f"{life.sell.__name__}, {life.license_type}"
)
def test_each_plan_category_is_shown_and_ends_under_its_type_of_license(
    town_on_a_clock: Town, life: Life
) -> None:
    """Recognised from the first day, and the same when it is over."""
    town = town_on_a_clock
    price, policy = town.world.price(life.license_type, recurring=MONTH)

    sale = life.sell(town, price)
    town.stripe.advance(seconds=7200)
    town.settle()
    first = shown(town, sale)
    town.stripe.advance(days=AFTER_ALL)
    town.settle()

    assert (first, shown(town, sale)) == (said(life.category), said(life.category))
    found = ending(town, policy, sale)
    record = found.records[0].partition(" ")[0]
    assert (found.licenses, found.orders, record, found.named, found.problems) == (
        [life.license],
        ["paid"] * life.orders,
        life.record,
        [1],
        [],
    )
    (license_,) = town.world.books.licenses(policy.product_id)
    assert license_["policy_id"] == policy.id
    assert not [deed for deed in deeds(town) if deed.startswith(("suspend", "revoke"))]


@pytest.mark.parametrize(
    ("license_type", "terms", "license_"),
    [
        ("perpetual", {}, "active for ever"),
        ("time_limited", {"term_days": 365}, "active until 2031-01-01"),
        ("consumption", {}, "active for ever"),
    ],
)
def test_a_one_time_checkout_is_licensed_for_ever_or_for_its_term(
    town_on_a_clock: Town, license_type: str, terms: dict[str, Any], license_: str
) -> None:
    """The term of a time-limited policy is the mapping's, counted from the payment."""
    town = town_on_a_clock
    price, policy = town.world.price(license_type)
    town.world.map(price, policy, **terms)

    sale = town.stripe.shop.buy(price)
    town.settle()

    assert shown(town, sale.session) == said("one_time")
    assert ending(town, policy, sale.session) == Ending([license_], ["paid"], [], [1], [])


def test_a_buyer_who_cancels_a_recurring_sale_leaves_it_recurring(town_on_a_clock: Town) -> None:
    """That it ends after one charge was not agreed when it was sold."""
    town = town_on_a_clock
    price, policy = town.world.price("subscription", recurring=MONTH)
    sale = town.stripe.shop.subscribe(price).subscription
    town.stripe.advance(days=3)

    town.stripe.shop.cancel(str(sale), at_period_end=True)
    town.stripe.advance(days=AFTER_ALL)
    town.settle()

    assert shown(town, sale) == said("recurring")
    assert ending(town, policy, sale) == Ending(
        ["active until 2030-02-01"], ["paid"], ["canceled until 2030-02-01"], [1], []
    )
