"""Changes that come later: pending until they are paid, or planned phase by phase.

Only what the subscription is now counts.
"""

from __future__ import annotations

from simulator.clock import seconds_of
from tests.worlds.tale import Standing, Tale, offer, settle_all, sold, subscribed
from tests.worlds.town import Town

JANUARY, FEBRUARY = "paid 2030-01-01 to 2030-02-01", "paid 2030-02-01 to 2030-03-01"
WAITING = {"proration_behavior": "always_invoice", "payment_behavior": "pending_if_incomplete"}


def wanting_three(town: Town) -> Tale:
    """A license for each unit; two more are wanted, and the card does not work."""
    sale = sold(town, quantity="license_per_unit")
    settle_all(town, ["2030-01-10"])
    town.stripe.shop.fail_payments(sale.customer)
    town.stripe.shop.change_quantity(sale.subscription, 3, **WAITING)
    settle_all(town)
    return sale


def test_a_pending_update_gives_nothing_until_it_is_paid(town_on_a_clock: Town) -> None:
    """Then it is a change like any other."""
    town = town_on_a_clock
    sale = wanting_three(town)
    pending = sale.standing()

    town.stripe.shop.unfail(sale.customer)
    invoice = town.stripe.shop.read(sale.subscription)["latest_invoice"]
    town.stripe.shop.pay_invoice(invoice)
    settle_all(town)

    assert pending == Standing(
        licenses=["item/1 A active until 2030-02-01"],
        orders=[JANUARY],
        records=["active to 2030-02-01"],
        named=["item/1"],
    )
    assert sale.standing() == Standing(
        licenses=[f"item/{unit} A active until 2030-02-01" for unit in (1, 2, 3)],
        orders=[JANUARY, "paid 2030-01-10 to 2030-02-01"],
        records=["active to 2030-02-01"],
        named=["item/1", "item/2", "item/3"],
    )


def test_a_pending_update_that_expires_leaves_everything_as_it_was(town_on_a_clock: Town) -> None:
    """Its invoice is void after 23 hours; the renewal is for what was sold before."""
    town = town_on_a_clock
    sale = wanting_three(town)

    settle_all(town, ["2030-01-12"])
    town.stripe.shop.unfail(sale.customer)
    settle_all(town, ["2030-02-02"])

    assert sale.standing() == Standing(
        licenses=["item/1 A active until 2030-03-01"],
        orders=[JANUARY, FEBRUARY],
        records=["active to 2030-03-01"],
        named=["item/1"],
    )
    assert sale.deeds()[1:] == ["renew item/1 (item) until 2030-03-01"]


def planned(town: Town, **details: str) -> tuple[Tale, str]:
    """Under policy A now, and under B for a month from February on."""
    (first_price, first), (second_price, second) = offer(town), offer(town)
    sale = subscribed(town, first_price, first, second)
    phases = [{"items": [{"price": second_price}], "iterations": 1}]
    schedule = town.stripe.shop.schedule(sale.subscription, phases=phases, **details)
    settle_all(town)
    return sale, schedule


def test_a_planned_change_replaces_the_license_on_its_day_and_not_before(
    town_on_a_clock: Town,
) -> None:
    """The next phase is under another policy; when the plan is over, the subscription goes on."""
    town = town_on_a_clock
    sale, _ = planned(town)
    before = sale.standing()

    settle_all(town, ["2030-02-02"])
    on_its_day = sale.standing()
    settle_all(town, ["2030-03-02"])

    assert before == Standing(
        licenses=["item/1 A active until 2030-02-01"],
        orders=[JANUARY],
        records=["active to 2030-02-01"],
        named=["item/1"],
    )
    assert on_its_day.licenses == [
        "item/1 A revoked until 2030-02-01",
        "item/1/2 B active until 2030-03-01",
    ]
    assert sale.standing().licenses == [
        "item/1 A revoked until 2030-02-01",
        "item/1/2 B active until 2030-04-01",
    ]
    assert sale.standing().named == ["item/1/2"]


def test_a_schedule_that_ends_with_its_last_phase_cancels_at_the_paid_end(
    town_on_a_clock: Town,
) -> None:
    """As any subscription that is canceled: what was paid stays."""
    town = town_on_a_clock
    sale, _ = planned(town, end_behavior="cancel")

    settle_all(town, ["2030-02-02", "2030-03-02"])

    found = sale.standing()
    assert found.licenses == [
        "item/1 A revoked until 2030-02-01",
        "item/1/2 B active until 2030-03-01",
    ]
    assert "canceled to 2030-03-01, canceled on 2030-03-01" in found.records


def test_a_schedule_that_is_released_or_canceled_counts_as_the_subscription_stands_now(
    town_on_a_clock: Town,
) -> None:
    """Released: it renews as it is. Canceled: it has ended, and what was paid stays."""
    town = town_on_a_clock
    released, first = planned(town)
    canceled, second = planned(town)
    settle_all(town, ["2030-01-11"])

    town.stripe.shop.release_schedule(first)
    town.stripe.shop.cancel_schedule(second)
    settle_all(town, ["2030-02-02"])

    assert released.standing() == Standing(
        licenses=["item/1 A active until 2030-03-01"],
        orders=[JANUARY, FEBRUARY],
        records=["active to 2030-03-01"],
        named=["item/1"],
    )
    assert canceled.standing() == Standing(
        licenses=["item/1 A active until 2030-02-01"],
        orders=[JANUARY],
        records=["canceled to 2030-02-01, canceled on 2030-01-11"],
        named=["item/1"],
    )


def test_a_schedule_that_starts_later_sells_nothing_until_its_first_phase_begins(
    town_on_a_clock: Town,
) -> None:
    """Then it is a subscription like any other."""
    town = town_on_a_clock
    price, policy = offer(town)
    customer = town.stripe.shop.customer(email="ada@example.com")
    schedule = town.stripe.shop.schedule(
        customer=customer,
        start_date=seconds_of("2030-01-15T00:00:00Z"),
        phases=[{"items": [{"price": price}], "iterations": 2}],
    )
    settle_all(town, ["2030-01-10"])
    before = town.world.books.licenses(policy.product_id)

    settle_all(town, ["2030-01-16", "2030-02-16"])

    (license_,) = town.world.books.licenses(policy.product_id)
    subscription = town.stripe.shop.read(schedule)["subscription"]
    assert before == []
    assert (license_["status"], license_["expires_at"][:10]) == ("active", "2030-03-15")
    assert town.world.metadata(subscription)["licensekit_license_ids"] == license_["id"]
