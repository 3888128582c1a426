"""Cancellations: what is paid stays, unless the mapping says otherwise; and who comes back."""

from __future__ import annotations

import pytest

from tests.worlds.tale import Standing, offer, settle_all, sold, subscribed
from tests.worlds.town import Town

JANUARY, FEBRUARY = "paid 2030-01-01 to 2030-02-01", "paid 2030-02-01 to 2030-03-01"
ON_CANCEL = ("period_end", "revoke")


def test_canceled_at_period_end_gives_access_to_the_paid_end_on_any_terms(
    town_on_a_clock: Town,
) -> None:
    """`on_cancel` is about paid time that is cut short, and here none is."""
    town = town_on_a_clock
    tales = [sold(town, on_cancel=choice) for choice in ON_CANCEL]
    endless = sold(town, "perpetual")
    settle_all(town, ["2030-01-10"])

    for sale in (*tales, endless):
        town.stripe.shop.cancel(sale.subscription, at_period_end=True)
    settle_all(town, ["2030-01-11"])
    announced = [sale.standing() for sale in (*tales, endless)]
    settle_all(town, ["2030-02-02"])

    licenses = ["item/1 A active until 2030-02-01"] * 2
    assert announced == [
        Standing([license_], [JANUARY], ["active to 2030-02-01, ends then"], ["item/1"])
        for license_ in (*licenses, "item/1 A active for ever")
    ]
    record = "canceled to 2030-02-01, ends then, canceled on 2030-02-01"
    assert [sale.standing() for sale in (*tales, endless)] == [
        Standing([license_], [JANUARY], [record], ["item/1"])
        for license_ in (*licenses, "item/1 A suspended for ever")
    ]
    assert [sale.deeds()[1:] for sale in (*tales, endless)] == [
        *([], []),
        ["suspend license item/1: canceled"],
    ]


def test_a_buyer_who_stays_after_all_renews_as_if_nothing_had_been(town_on_a_clock: Town) -> None:
    """Un-canceled before the end, from either kind of announced end."""
    town = town_on_a_clock
    with_period, on_a_day = sold(town), sold(town)
    town.stripe.shop.cancel(with_period.subscription, at_period_end=True)
    town.stripe.shop.cancel_at(on_a_day.subscription, "2030-01-25T00:00:00Z")
    settle_all(town, ["2030-01-10"])

    for sale in (with_period, on_a_day):
        town.stripe.shop.uncancel(sale.subscription)
    settle_all(town, ["2030-02-02"])

    for sale in (with_period, on_a_day):
        assert sale.standing() == Standing(
            licenses=["item/1 A active until 2030-03-01"],
            orders=[JANUARY, FEBRUARY],
            records=["active to 2030-03-01"],
            named=["item/1"],
        )


def test_canceled_at_once_keeps_the_paid_time_or_revokes_as_the_mapping_says(
    town_on_a_clock: Town,
) -> None:
    """The record says since when; nobody is issued anything for what is left."""
    town = town_on_a_clock
    paid, revoked = (sold(town, on_cancel=choice) for choice in ON_CANCEL)
    endless = sold(town, "perpetual", on_cancel="revoke")
    settle_all(town, ["2030-01-10"])

    for sale in (paid, revoked, endless):
        town.stripe.shop.cancel(sale.subscription)
    settle_all(town, ["2030-01-11"])

    records = ["canceled to 2030-02-01, canceled on 2030-01-10"]
    assert [sale.standing() for sale in (paid, revoked, endless)] == [
        Standing(["item/1 A active until 2030-02-01"], [JANUARY], records, ["item/1"]),
        Standing(["item/1 A revoked until 2030-02-01"], [JANUARY], records, ["item/1"]),
        Standing(["item/1 A revoked for ever"], [JANUARY], records, ["item/1"]),
    ]
    assert revoked.deeds()[1:] == ["revoke item/1 (item/1): canceled"]
    assert revoked.notes() == [
        "sub is canceled; 1 invoice paid",
        "item gives no access now: the subscription is canceled",
    ]


def test_an_end_on_a_day_to_come_cuts_short_only_what_it_says(town_on_a_clock: Town) -> None:
    """`cancel_at` in the second month: the first renewal is paid, and the mapping says the rest."""
    town = town_on_a_clock
    paid, revoked = (sold(town, on_cancel=choice) for choice in ON_CANCEL)
    settle_all(town, ["2030-01-10"])

    for sale in (paid, revoked):
        town.stripe.shop.cancel_at(sale.subscription, "2030-02-15T00:00:00Z")
    settle_all(town, ["2030-02-02"])
    before = [sale.standing() for sale in (paid, revoked)]
    settle_all(town, ["2030-02-16"])

    until_march = Standing(
        licenses=["item/1 A active until 2030-03-01"],
        orders=[JANUARY, FEBRUARY],
        records=["active to 2030-03-01"],
        named=["item/1"],
    )
    assert before == [until_march, until_march]
    assert [(sale.standing().licenses, sale.standing().records) for sale in (paid, revoked)] == [
        (
            [f"item/1 A {status} until 2030-03-01"],
            ["canceled to 2030-03-01, canceled on 2030-02-15"],
        )
        for status in ("active", "revoked")
    ]


def test_a_buyer_who_subscribes_again_gets_a_new_license_and_the_old_one_runs_out(
    town_on_a_clock: Town,
) -> None:
    """Two sales, each with its own item, orders and record."""
    town = town_on_a_clock
    price, policy = offer(town)
    first = subscribed(town, price, policy)
    settle_all(town, ["2030-01-10"])
    town.stripe.shop.cancel(first.subscription)
    settle_all(town, ["2030-01-20"])

    second = subscribed(town, price, policy, customer=first.customer)
    settle_all(town, ["2030-02-21"])

    assert [sale.standing().licenses for sale in (first, second)] == [
        ["item/1 A active until 2030-02-01"],
        ["item/1 A active until 2030-03-20"],
    ]
    assert first.license_id() != second.license_id()
    assert second.deeds() == [
        "issue license item/1 under A until 2030-02-20",
        "renew item/1 (item) until 2030-03-20",
    ]


@pytest.mark.parametrize(
    ("license_type", "license_", "done"),
    [
        ("subscription", "until 2030-04-10", "renew item/1 (item) until 2030-03-10"),
        ("perpetual", "for ever", "reinstate license item/1: no longer canceled"),
    ],
)
def test_a_buyer_who_comes_back_goes_on_with_the_old_license_where_the_mapping_says_reuse(
    town_on_a_clock: Town, license_type: str, license_: str, done: str
) -> None:
    """Key and all; our hold is lifted. Whatever is told of the old sale, it moves nothing now."""
    town = town_on_a_clock
    price, policy = offer(town, license_type, on_resubscribe="reuse")
    first = subscribed(town, price, policy)
    town.stripe.shop.cancel(first.subscription, at_period_end=True)
    settle_all(town, ["2030-02-02"])
    before = first.license_id()

    settle_all(town, ["2030-02-10"])
    second = subscribed(town, price, policy, customer=first.customer)
    settle_all(town)
    deeds = second.deeds()
    settle_all(town, ["2030-03-11"])
    for event in town.world.events(first.subscription):
        town.stripe.shop.resend(event["id"])
    settle_all(town)

    assert first.standing() == Standing(
        licenses=["item/1 goes on elsewhere"],
        orders=[JANUARY],
        records=["canceled to 2030-02-01, ends then, canceled on 2030-02-01"],
        named=["item/1"],
    )
    assert second.standing() == Standing(
        licenses=[f"item/1 A active {license_}"],
        orders=["paid 2030-02-10 to 2030-03-10", "paid 2030-03-10 to 2030-04-10"],
        records=["active to 2030-04-10"],
        named=["item/1"],
    )
    assert [one["id"] for one in town.world.books.licenses(policy.product_id)] == [before]
    assert (second.license_id(), deeds[1:]) == (before, [done])


def test_of_two_old_licenses_only_that_which_no_person_holds_is_used_again(
    town_on_a_clock: Town,
) -> None:
    """The other buyer's seat is a new license; what a person suspended stays suspended."""
    town = town_on_a_clock
    terms = {"on_resubscribe": "reuse", "quantity": "license_per_unit"}
    price, policy = offer(town, **terms)
    first = subscribed(town, {"price": price, "quantity": 2}, policy)
    settle_all(town, ["2030-01-10"])
    one, two = (first.license_id(name) for name in ("item/1", "item/2"))
    town.world.books.act(one, "suspend")
    town.stripe.shop.cancel(first.subscription)
    settle_all(town, ["2030-01-20"])

    second = subscribed(town, {"price": price, "quantity": 2}, policy, customer=first.customer)
    settle_all(town)

    assert first.standing().licenses == [
        "item/1 A suspended until 2030-02-01",
        "item/2 goes on elsewhere",
    ]
    assert second.standing().licenses == [
        "item/1 A active until 2030-02-20",
        "item/2 A active until 2030-02-20",
    ]
    assert second.license_id() == two
    assert second.license_id("item/2") not in (one, two)
