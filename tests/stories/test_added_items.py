"""Items that are added to a running subscription, and taken off it again."""

from __future__ import annotations

from tests.worlds.tale import Tale, offer, settle_all, subscribed
from tests.worlds.town import Town

MINE = "item/1 A active until 2030-03-01"  # renewed, whatever happens beside it


def with_an_addition(town: Town, license_type: str = "subscription", /, **terms: str) -> Tale:
    """A second product is added on the tenth, and paid for to the end of the month."""
    (one, first), (two, second) = offer(town), offer(town, license_type, **terms)
    sale = subscribed(town, one, first, second)
    settle_all(town)
    item = town.stripe.shop.add_item(sale.subscription, two, proration_behavior="always_invoice")
    sale.names[item] = "item-2"
    settle_all(town)
    return sale


def added(sale: Tale) -> str:
    """The item that was added, by its id."""
    return next(item for item, name in sale.names.items() if name == "item-2")


def test_pain_19_an_added_item_brings_its_license_for_the_days_it_was_paid_for_and_is_renewed(
    town_on_a_clock: Town,
) -> None:
    """Billed by proration at first, with an order and a record of its own product."""
    town = town_on_a_clock
    sale = with_an_addition(town)
    before = sale.standing()

    settle_all(town, ["2030-02-02"])

    assert before.licenses == [
        "item/1 A active until 2030-02-01",
        "item-2/1 B active until 2030-02-01",
    ]
    assert before.named == ["item/1", "item-2/1"]
    assert sale.standing().licenses == [MINE, "item-2/1 B active until 2030-03-01"]
    assert sale.standing().records == ["active to 2030-03-01"] * 2


def test_an_item_that_is_taken_off_keeps_its_paid_time_or_goes_at_once_as_the_mapping_says(
    town_on_a_clock: Town,
) -> None:
    """A license without an end is held when the month is over. The other item goes on."""
    town = town_on_a_clock
    tales = {
        "runs out": with_an_addition(town),
        "revoked": with_an_addition(town, on_cancel="revoke"),
        "held": with_an_addition(town, "perpetual"),
    }
    settle_all(town, ["2030-01-10"])

    for sale in tales.values():
        town.stripe.shop.remove_item(sale.subscription, added(sale), proration_behavior="none")
    settle_all(town, ["2030-01-11"])
    at_once = {name: sale.standing().licenses[1] for name, sale in tales.items()}
    settle_all(town, ["2030-02-02"])

    assert at_once == {
        "runs out": "item-2/1 B active until 2030-02-01",
        "revoked": "item-2/1 B revoked until 2030-02-01",
        "held": "item-2/1 B active for ever",
    }
    assert {name: sale.standing().licenses for name, sale in tales.items()} == {
        "runs out": [MINE, "item-2/1 B active until 2030-02-01"],
        "revoked": [MINE, "item-2/1 B revoked until 2030-02-01"],
        "held": [MINE, "item-2/1 B suspended for ever"],
    }
    assert {name: sale.deeds()[2:] for name, sale in tales.items()} == {
        "runs out": ["renew item/1 (item) until 2030-03-01"],
        "revoked": [
            "revoke item-2/1 (item-2/1): removed",
            "renew item/1 (item) until 2030-03-01",
        ],
        "held": [
            "renew item/1 (item) until 2030-03-01",
            "suspend license item-2/1: removed",
        ],
    }
    assert {name: sale.standing().named for name, sale in tales.items()} == {
        "runs out": ["item/1", "item-2/1"],
        "revoked": ["item/1"],
        "held": ["item/1", "item-2/1"],
    }
