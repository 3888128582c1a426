"""Quantities: one license that carries the seats, or a license for each."""

from __future__ import annotations

import pytest

from tests.worlds.tale import Standing, Tale, offer, settle_all, subscribed
from tests.worlds.town import Town
from tests.worlds.world import MONTH

PRORATIONS = ("none", "create_prorations", "always_invoice")


def change(sale: Tale, quantity: int, **terms: str) -> None:
    sale.town.stripe.shop.change_quantity(sale.subscription, quantity, **terms)
    sale.town.settle()


def seats(sale: Tale) -> int:
    """The quantity in the metadata of the subscription record."""
    (product_id,) = {sale.names["product"]}
    (record,) = sale.town.world.books.subscriptions(product_id)
    return int(record["metadata"]["quantity"])


@pytest.mark.parametrize("proration", PRORATIONS)
def test_pain_20_more_or_fewer_seats_move_the_limit_of_the_seat_feature_of_one_license(
    town_on_a_clock: Town, proration: str
) -> None:
    """The key stays, and the end too: days that are left are billed, but no time is bought."""
    town = town_on_a_clock
    policy = town.world.books.policy("subscription")
    feature = town.world.books.feature(policy.product_id, "seats")
    price = town.stripe.shop.price("Seat", 900, recurring=MONTH)
    town.world.map(price, policy, seat_feature=feature)
    sale = subscribed(town, {"price": price, "quantity": 3}, policy)
    sale.names.update({feature: "seats", "product": policy.product_id})
    settle_all(town, ["2030-01-10"])
    found = [(sale.features(), seats(sale))]

    for quantity in (5, 2):
        change(sale, quantity, proration_behavior=proration)
        found.append((sale.features(), seats(sale)))

    assert found == [({"item/1": {"seats": number}}, number) for number in (3, 5, 2)]
    assert sale.standing().licenses == ["item/1 A active until 2030-02-01"]
    assert sale.deeds()[1:] == [
        f"assign feature seats up to {number} to license item/1" for number in (3, 5, 2)
    ]


def test_pain_20_without_a_seat_feature_the_quantity_stands_in_the_record(
    town_on_a_clock: Town,
) -> None:
    """Nothing is issued or revoked for it."""
    town = town_on_a_clock
    price, policy = offer(town)
    sale = subscribed(town, {"price": price, "quantity": 3}, policy)
    sale.names["product"] = policy.product_id
    settle_all(town, ["2030-01-10"])

    change(sale, 7)

    assert (seats(sale), sale.standing().named) == (7, ["item/1"])
    assert sale.deeds() == ["issue license item/1 under A until 2030-02-01"]
    (license_,) = town.world.books.licenses(policy.product_id)
    assert license_["metadata"]["quantity"] == 3  # as it was sold: LicenseKit changes no license


def test_pain_20_with_a_license_for_each_unit_more_are_issued_or_the_newest_are_revoked(
    town_on_a_clock: Town,
) -> None:
    """The units that stay keep their keys; one that comes back is a new license."""
    town = town_on_a_clock
    price, policy = offer(town, quantity="license_per_unit")
    sale = subscribed(town, {"price": price, "quantity": 2}, policy)
    settle_all(town, ["2030-01-10"])

    for quantity in (4, 1, 2):
        change(sale, quantity, proration_behavior="always_invoice")
    settle_all(town, ["2030-02-02"])

    assert sale.standing() == Standing(
        licenses=[
            "item/1 A active until 2030-03-01",
            "item/2 A revoked until 2030-02-01",
            "item/3 A revoked until 2030-02-01",
            "item/4 A revoked until 2030-02-01",
            "item/2/2 A active until 2030-03-01",
        ],
        orders=[
            "paid 2030-01-01 to 2030-02-01",
            *["paid 2030-01-10 to 2030-02-01"] * 3,
            "paid 2030-02-01 to 2030-03-01",
        ],
        records=["active to 2030-03-01"],
        named=["item/1", "item/2/2"],
    )
    assert sale.deeds() == [
        "issue license item/1 under A until 2030-02-01",
        "issue license item/2 under A until 2030-02-01",
        "issue license item/3 under A until 2030-02-01",
        "issue license item/4 under A until 2030-02-01",
        "revoke item/4 (item/4): quantity",
        "revoke item/3 (item/3): quantity",
        "revoke item/2 (item/2): quantity",
        "issue license item/2/2 under A until 2030-02-01",
        "renew item/1 (item) until 2030-03-01",
        "renew item/2/2 (item) until 2030-03-01",
    ]


def test_pain_20_a_quantity_of_nothing_takes_the_license_and_one_again_brings_a_new_one(
    town_on_a_clock: Town,
) -> None:
    """Stripe lets a running subscription be for nothing; nothing is then licensed."""
    town = town_on_a_clock
    price, policy = offer(town)
    sale = subscribed(town, price, policy)
    settle_all(town, ["2030-01-10"])

    change(sale, 0)
    for_nothing = sale.standing().licenses
    change(sale, 1)

    assert for_nothing == ["item/1 A revoked until 2030-02-01"]
    assert sale.standing().licenses == [*for_nothing, "item/1/2 A active until 2030-02-01"]
    assert sale.standing().named == ["item/1/2"]
    assert sale.deeds()[1:] == [
        "revoke item/1 (item/1): quantity",
        "issue license item/1/2 under A until 2030-02-01",
    ]
