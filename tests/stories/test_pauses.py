"""Pauses: of collecting money, and of the subscription itself. The mapping says what they do."""

from __future__ import annotations

from simulator.statuses import paused
from tests.worlds.tale import Standing, Tale, settle_all, sold
from tests.worlds.town import Town

BEHAVIORS = ("void", "keep_as_draft", "mark_uncollectible")
ON_PAUSE = ("suspend", "keep")


def test_pausing_the_collection_holds_the_license_and_collecting_again_lifts_the_hold(
    town_on_a_clock: Town,
) -> None:
    """In each of its three behaviors, where the mapping does not say `keep`; Stripe says active."""
    tales = {
        (behavior, choice): sold(town_on_a_clock, on_pause=choice)
        for behavior in BEHAVIORS
        for choice in ON_PAUSE
    }
    settle_all(town_on_a_clock, ["2030-01-10"])

    for (behavior, _), sale in tales.items():
        town_on_a_clock.stripe.shop.pause_collection(sale.subscription, behavior)
    settle_all(town_on_a_clock, ["2030-01-11"])
    meanwhile = {name: tale.standing().licenses for name, tale in tales.items()}
    for sale in tales.values():
        town_on_a_clock.stripe.shop.collect_again(sale.subscription)
    settle_all(town_on_a_clock, ["2030-01-12"])

    assert meanwhile == {
        (behavior, choice): [f"item/1 A {status} until 2030-02-01"]
        for behavior in BEHAVIORS
        for choice, status in (("suspend", "suspended"), ("keep", "active"))
    }
    for (_, choice), sale in tales.items():
        assert sale.standing() == Standing(
            licenses=["item/1 A active until 2030-02-01"],
            orders=["paid 2030-01-01 to 2030-02-01"],
            records=["active to 2030-02-01"],
            named=["item/1"],
        )
        assert sale.deeds()[1:] == (
            [
                "suspend license item/1: collection_paused",
                "reinstate license item/1: no longer collection_paused",
            ]
            if choice == "suspend"
            else []
        )


def test_a_month_that_nobody_was_asked_to_pay_for_is_not_given_and_the_next_one_is(
    town_on_a_clock: Town,
) -> None:
    """Voided and written-off invoices pay for nothing. Collecting goes on by itself on the day."""
    tales = [sold(town_on_a_clock, on_pause="keep") for _ in BEHAVIORS]
    settle_all(town_on_a_clock, ["2030-01-10"])
    for sale, behavior in zip(tales, BEHAVIORS, strict=True):
        town_on_a_clock.stripe.shop.pause_collection(
            sale.subscription, behavior, resumes_at="2030-02-20T00:00:00Z"
        )

    settle_all(town_on_a_clock, ["2030-02-02"])
    missed = [tale.standing() for tale in tales]
    settle_all(town_on_a_clock, ["2030-03-02"])

    assert missed == [
        Standing(
            licenses=["item/1 A active until 2030-02-01"],
            orders=["paid 2030-01-01 to 2030-02-01"],
            records=["active to 2030-03-01"],
            named=["item/1"],
        )
    ] * len(tales)
    assert [tale.standing().licenses for tale in tales] == [
        ["item/1 A active until 2030-04-01"]
    ] * len(tales)


def test_a_paused_subscription_holds_the_license_whatever_the_reason(
    town_on_a_clock: Town,
) -> None:
    """Asked for, a trial that ended without a card, a last payment that failed, or by Stripe."""
    town = town_on_a_clock
    town.stripe.shop.end_dunning_with("paused")
    reasons = {
        "pause_requested": lambda tale: town.stripe.shop.pause(tale.subscription),
        "first_payment_failure": lambda tale: by_stripe(town, tale, "first_payment_failure"),
        "final_payment_failure": lambda tale: town.stripe.shop.fail_payments(tale.customer),
        "system": lambda tale: by_stripe(town, tale, "system"),
    }
    tales = {
        (reason, choice): sold(town, on_pause=choice, grace_days=30)
        for reason in reasons
        for choice in ON_PAUSE
    }
    settle_all(town, ["2030-01-10"])

    for (reason, _), sale in tales.items():
        reasons[reason](sale)
    settle_all(town, ["2030-02-02", "2030-02-17"])

    assert {name: why(sale) for name, sale in tales.items()} == {
        (reason, choice): (reason, "suspended" if choice == "suspend" else "active")
        for reason in reasons
        for choice in ON_PAUSE
    }


def test_a_trial_that_ends_without_a_card_pauses_and_a_card_resumes_it(
    town_on_a_clock: Town,
) -> None:
    """Held from the trial's end; the first paid period renews and reinstates the same license."""
    town = town_on_a_clock
    sale = sold_on_trial(town)
    settle_all(town, ["2030-01-16"])
    meanwhile = sale.standing()

    town.stripe.shop.add_card(sale.customer)
    town.stripe.shop.resume(sale.subscription)
    settle_all(town, ["2030-01-17"])

    assert meanwhile == Standing(
        licenses=["item/1 A suspended until 2030-01-15"],
        orders=["paid 2030-01-01 to 2030-01-15"],
        records=["paused to 2030-01-15"],
        named=["item/1"],
    )
    assert sale.standing() == Standing(
        licenses=["item/1 A active until 2030-02-16"],
        orders=["paid 2030-01-01 to 2030-01-15", "paid 2030-01-16 to 2030-02-16"],
        records=["active to 2030-02-16"],
        named=["item/1"],
    )
    assert sale.deeds()[1:] == [
        "suspend license item/1: paused",
        "renew item/1 (item) until 2030-02-16",
        "reinstate license item/1: no longer paused",
    ]


def test_resuming_a_paused_subscription_reinstates_the_license(town_on_a_clock: Town) -> None:
    """With a new period from the day it is resumed, or in the old one; the record follows."""
    town = town_on_a_clock
    anew, old = sold(town), sold(town)
    settle_all(town, ["2030-01-10"])
    for sale in (anew, old):
        town.stripe.shop.pause(sale.subscription)
    settle_all(town, ["2030-01-20"])

    town.stripe.shop.resume(anew.subscription)
    town.stripe.shop.resume(old.subscription, billing_cycle_anchor={"type": "unchanged"})
    settle_all(town)

    assert anew.standing() == Standing(
        licenses=["item/1 A active until 2030-02-20"],
        orders=["paid 2030-01-01 to 2030-02-01", "paid 2030-01-20 to 2030-02-20"],
        records=["active to 2030-02-20"],
        named=["item/1"],
    )
    assert old.standing() == Standing(
        licenses=["item/1 A active until 2030-02-01"],
        orders=["paid 2030-01-01 to 2030-02-01"],
        records=["active to 2030-02-01"],
        named=["item/1"],
    )
    assert old.deeds()[1:] == [
        "suspend license item/1: paused",
        "reinstate license item/1: no longer paused",
    ]


def by_stripe(town: Town, tale: Tale, reason: str) -> None:
    """A pause that no request of the seller's leads to."""
    books = town.stripe.shop.books
    with town.stripe.world.turn():
        paused(books, books.get("subscription", tale.subscription), reason)


def why(tale: Tale) -> tuple[str, str]:
    """Stripe's reason for the pause, and what became of the license."""
    details = tale.town.stripe.shop.read(tale.subscription)["status_details"]
    return details["paused"]["subscription"]["type"], tale.standing().licenses[0].split()[2]


def sold_on_trial(town: Town) -> Tale:
    """Two weeks, begun without a card."""
    return sold(
        town,
        details={
            "trial_days": 14,
            "payment_method_collection": "if_required",
            "missing_payment_method": "pause",
        },
    )
