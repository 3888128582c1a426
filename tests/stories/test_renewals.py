"""Renewals: each paid period moves the end of the same license, and nothing else does."""

from __future__ import annotations

from tests.worlds.tale import Standing, offer, settle_all, sold, subscribed
from tests.worlds.town import Town


def test_a_paid_renewal_moves_the_end_of_the_license_by_a_month_and_keeps_the_grace(
    town_on_a_clock: Town,
) -> None:
    """The end is the paid line's period end plus the mapping's grace."""
    sale = sold(town_on_a_clock, grace_days=5)

    settle_all(town_on_a_clock, ["2030-02-02", "2030-03-02"])

    assert sale.standing() == Standing(
        licenses=["item/1 A active until 2030-04-06"],
        orders=[
            "paid 2030-01-01 to 2030-02-01",
            "paid 2030-02-01 to 2030-03-01",
            "paid 2030-03-01 to 2030-04-01",
        ],
        records=["active to 2030-04-01"],
        named=["item/1"],
    )
    assert sale.deeds() == [
        "issue license item/1 under A until 2030-02-06",
        "renew item/1 (item) until 2030-03-06",
        "renew item/1 (item) until 2030-04-06",
    ]


def test_pain_18_a_renewal_moves_only_the_license_of_its_own_subscription(
    town_on_a_clock: Town,
) -> None:
    """The same buyer's other subscription, begun ten days later, keeps its own end."""
    price, policy = offer(town_on_a_clock)
    first = subscribed(town_on_a_clock, price, policy)
    settle_all(town_on_a_clock, ["2030-01-11"])
    second = subscribed(town_on_a_clock, price, policy, customer=first.customer)

    settle_all(town_on_a_clock, ["2030-02-02"])

    assert first.standing().licenses == ["item/1 A active until 2030-03-01"]
    assert second.standing() == Standing(
        licenses=["item/1 A active until 2030-02-11"],
        orders=["paid 2030-01-11 to 2030-02-11"],
        records=["active to 2030-02-11"],
        named=["item/1"],
    )
    assert second.deeds() == ["issue license item/1 under A until 2030-02-11"]


def test_pain_19_a_renewal_moves_the_license_of_every_item(town_on_a_clock: Town) -> None:
    """Two LicenseKit products in one subscription: an order for each, and both ends move."""
    (one, first), (two, second) = offer(town_on_a_clock), offer(town_on_a_clock, grace_days=3)
    sale = subscribed(town_on_a_clock, [one, two], first, second)

    settle_all(town_on_a_clock, ["2030-02-02"])

    found = sale.standing()
    assert (found.licenses, found.named) == (
        ["item/1 A active until 2030-03-01", "item-2/1 B active until 2030-03-04"],
        ["item/1", "item-2/1"],
    )
    assert sorted(found.orders) == [
        *["paid 2030-01-01 to 2030-02-01"] * 2,
        *["paid 2030-02-01 to 2030-03-01"] * 2,
    ]
    assert found.records == ["active to 2030-03-01"] * 2
