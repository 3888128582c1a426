"""Renewals: each paid period moves the end of the same license, and nothing else does."""

from __future__ import annotations

from tests.worlds.tale import Standing, settle_all, sold, subscribed
from tests.worlds.town import Town
from tests.worlds.world import MONTH


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
