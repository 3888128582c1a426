"""Plan changes: another price of the same policy, or another policy, in one subscription."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from shared.tables import links
from tests.worlds.tale import Standing, Tale, offer, settle_all, subscribed
from tests.worlds.town import Town
from tests.worlds.world import MONTH

JANUARY = "paid 2030-01-01 to 2030-02-01"
PRORATIONS = ("none", "create_prorations", "always_invoice")


def two_plans(town: Town, **features: tuple[str, ...]) -> tuple[dict[str, str], Tale]:
    """Basic and pro, under one policy; a buyer subscribes to basic. Features by plan."""
    policy = town.world.books.policy("subscription")
    ids = {
        code: town.world.books.feature(policy.product_id, code)
        for code in sorted({code for codes in features.values() for code in codes})
    }
    prices = {}
    for plan, codes in features.items():
        prices[plan] = town.stripe.shop.price(plan.title(), 1900, recurring=MONTH)
        town.world.map(prices[plan], policy, features=tuple(ids[code] for code in codes))
    sale = subscribed(town, prices["basic"], policy)
    sale.names.update({feature_id: code for code, feature_id in ids.items()})
    return prices, sale


def two_policies(town: Town) -> tuple[dict[str, str], Tale]:
    """Prices under policies A and B of one LicenseKit product; a buyer subscribes to A's."""
    first = town.world.books.policy("subscription")
    second = town.world.books.policy("subscription", first.product_id)
    prices = {}
    for name, policy, amount in (("A", first, 1900), ("B", second, 4900)):
        prices[name] = town.stripe.shop.price(name, amount, recurring=MONTH)
        town.world.map(prices[name], policy)
    return prices, subscribed(town, prices["A"], first, second)


@pytest.mark.parametrize("proration", PRORATIONS)
def test_pain_10_an_upgrade_and_a_downgrade_change_the_features_of_the_same_license(
    town_on_a_clock: Town, proration: str
) -> None:
    """However Stripe bills the days that are left, they move no end."""
    town = town_on_a_clock
    prices, sale = two_plans(town, basic=("export", "print"), pro=("export", "api"))
    settle_all(town, ["2030-01-10"])
    features = [sale.features()]

    for plan, day in (("pro", "2030-01-11"), ("basic", "2030-01-12"), ("pro", "2030-01-13")):
        town.stripe.shop.change_price(sale.subscription, prices[plan], proration_behavior=proration)
        settle_all(town, [day])
        features.append(sale.features())
    before_renewal = sale.standing().licenses
    settle_all(town, ["2030-02-02"])

    basic = {"item/1": {"export": None, "print": None}}
    pro = {"item/1": {"export": None, "api": None}}
    assert features == [basic, pro, basic, pro]
    assert before_renewal == ["item/1 A active until 2030-02-01"]
    assert sale.standing() == Standing(
        licenses=["item/1 A active until 2030-03-01"],
        orders=orders_of(proration),
        records=["active to 2030-03-01"],
        named=["item/1"],
    )
    assert sale.deeds()[3:] == [
        "assign feature api to license item/1",
        "remove feature print from license item/1",
        "assign feature print to license item/1",
        "remove feature api from license item/1",
        "assign feature api to license item/1",
        "remove feature print from license item/1",
        "renew item/1 (item) until 2030-03-01",
    ]


def orders_of(proration: str) -> list[str]:
    """Each invoice is an order; what is left of January is billed at once, later, or not."""
    days = ["paid 2030-01-10 to 2030-02-01", "paid 2030-01-11 to 2030-02-01"]
    days.append("paid 2030-01-12 to 2030-02-01")
    billed = days if proration == "always_invoice" else []
    return [JANUARY, *billed, "paid 2030-02-01 to 2030-03-01"]


@pytest.mark.parametrize("proration", PRORATIONS)
def test_a_price_of_another_policy_gives_a_new_license_and_then_revokes_the_old_one(
    town_on_a_clock: Town, proration: str
) -> None:
    """The new key is kept before the old license goes; the journal and the link name both."""
    town = town_on_a_clock
    prices, sale = two_policies(town)
    settle_all(town, ["2030-01-10"])

    town.stripe.shop.change_price(sale.subscription, prices["B"], proration_behavior=proration)
    settle_all(town, ["2030-01-11"])

    found = sale.standing()
    assert found.licenses == [
        "item/1 A revoked until 2030-02-01",
        "item/1/2 B active until 2030-02-01",
    ]
    assert (found.named, found.problems) == (["item/1/2"], ())
    assert sale.deeds() == [
        "issue license item/1 under A until 2030-02-01",
        "issue license item/1/2 under B until 2030-02-01 in place of item/1",
        "revoke item/1 (item/1): replaced",
    ]
    assert town.world.books.accepts(town.world.key_of(sale.license_id("item/1/2")))
    assert replaced_by(town, sale) == {"item/1/2": "item/1"}


def test_each_further_change_of_policy_replaces_the_license_again_and_renewals_follow(
    town_on_a_clock: Town,
) -> None:
    """There and back: the license that was revoked does not come back, a third one does."""
    town = town_on_a_clock
    prices, sale = two_policies(town)
    settle_all(town, ["2030-01-10"])

    for name, day in (("B", "2030-01-11"), ("A", "2030-02-02")):
        town.stripe.shop.change_price(sale.subscription, prices[name], proration_behavior="none")
        settle_all(town, [day])

    assert sale.standing() == Standing(
        licenses=[
            "item/1 A revoked until 2030-02-01",
            "item/1/2 B revoked until 2030-02-01",
            "item/1/3 A active until 2030-03-01",
        ],
        orders=[JANUARY, "paid 2030-02-01 to 2030-03-01"],
        records=["active to 2030-03-01"],
        named=["item/1/3"],
    )
    assert replaced_by(town, sale) == {"item/1/2": "item/1", "item/1/3": "item/1/2"}


def test_a_license_of_another_product_takes_the_place_of_the_old_one_too(
    town_on_a_clock: Town,
) -> None:
    """The new product has a record of its own; the old one's is canceled, as nothing renews it."""
    town = town_on_a_clock
    (one, first), (two, second) = offer(town), offer(town)
    sale = subscribed(town, one, first, second)
    settle_all(town, ["2030-01-10"])

    town.stripe.shop.change_price(sale.subscription, two, proration_behavior="always_invoice")
    settle_all(town, ["2030-02-02"])

    found = sale.standing()
    assert (found.licenses, found.named) == (
        ["item/1 A revoked until 2030-02-01", "item/1/2 B active until 2030-03-01"],
        ["item/1/2"],
    )
    assert sorted(found.records) == ["active to 2030-03-01", "canceled to 2030-02-01"]
    assert len(town.world.books.orders(second.product_id)) == 2


def test_pain_10_a_change_to_a_year_moves_the_end_and_a_change_back_takes_nothing_away(
    town_on_a_clock: Town,
) -> None:
    """The year is a paid period of its own. Ends never move back but for money that went back."""
    town = town_on_a_clock
    price, policy = offer(town)
    year = town.stripe.shop.price("Year", 49000, recurring={"interval": "year"})
    town.world.map(year, policy)
    sale = subscribed(town, price, policy)
    settle_all(town, ["2030-01-10"])

    town.stripe.shop.change_price(sale.subscription, year)
    settle_all(town, ["2030-01-20"])
    for_a_year = sale.standing()
    town.stripe.shop.change_price(sale.subscription, price)
    settle_all(town)

    orders = [JANUARY, "paid 2030-01-10 to 2031-01-10", "paid 2030-01-20 to 2030-02-20"]
    licenses = ["item/1 A active until 2031-01-10"]
    assert for_a_year == Standing(licenses, orders[:2], ["active to 2031-01-10"], ["item/1"])
    assert sale.standing() == Standing(licenses, orders, ["active to 2030-02-20"], ["item/1"])


def test_an_upgrade_that_was_made_and_not_paid_counts_as_past_due_under_the_new_policy(
    town_on_a_clock: Town,
) -> None:
    """Stripe changes the price at once and asks for the money; what is paid already stays."""
    town = town_on_a_clock
    town.stripe.shop.end_dunning_with("past_due")
    prices, sale = two_policies(town)
    settle_all(town, ["2030-01-10"])
    town.stripe.shop.fail_payments(sale.customer)

    town.stripe.shop.change_price(
        sale.subscription, prices["B"], proration_behavior="always_invoice"
    )
    settle_all(town, ["2030-01-11"])
    unpaid = sale.standing()
    settle_all(town, ["2030-02-02"])

    licenses = ["item/1 A revoked until 2030-02-01", "item/1/2 B active until 2030-02-01"]
    assert unpaid == Standing(licenses, [JANUARY], ["past_due to 2030-02-01"], ["item/1/2"])
    assert sale.standing().licenses == [
        "item/1 A revoked until 2030-02-01",
        "item/1/2 B suspended until 2030-02-01",
    ]


def replaced_by(town: Town, sale: Tale) -> Mapping[str, str]:
    """Which license took whose place, as our links keep it."""
    rows = (row for row in town.world.rows(links) if row.kind == "license")
    return {
        sale.said(row.stripe_key): sale.said(row.written["replaces"])
        for row in rows
        if "replaces" in row.written
    }
