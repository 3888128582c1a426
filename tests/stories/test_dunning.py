"""Dunning: payments that fail. The paid time stays; then the mapping says, and a payment cures."""

from __future__ import annotations

from tests.worlds.tale import Standing, Tale, offer, settle_all, sold, subscribed
from tests.worlds.town import Town

CHOICES = ("grace", "suspend", "keep")
LAST_TRY = [
    "2030-02-02",
    "2030-02-05",
    "2030-02-10",
    "2030-02-17",
]  # it fails on the 1st and thrice


def failing(town: Town, license_type: str = "subscription", /, **terms: object) -> Tale:
    """A subscription whose card stops working before its first renewal."""
    sale = sold(town, license_type, **terms)
    town.settle()
    town.stripe.shop.fail_payments(sale.customer)
    return sale


def licenses(tales: dict[str, Tale]) -> dict[str, str]:
    return {name: tale.standing().licenses[0] for name, tale in tales.items()}


def paid_late(town: Town, sale: Tale) -> None:
    """The card works again, and the open invoice is paid."""
    town.stripe.shop.unfail(sale.customer)
    town.stripe.shop.pay_invoice(town.stripe.shop.read(sale.subscription)["latest_invoice"])


def test_pain_24_a_failed_renewal_keeps_the_paid_time_and_the_grace(town_on_a_clock: Town) -> None:
    """While Stripe tries again, the license is held after the grace, at once, or never."""
    tales = {one: failing(town_on_a_clock, on_past_due=one, grace_days=4) for one in CHOICES}

    settle_all(town_on_a_clock, ["2030-02-02"])
    on_the_day = licenses(tales)
    settle_all(town_on_a_clock, ["2030-02-10"])

    assert on_the_day == {
        "grace": "item/1 A active until 2030-02-05",
        "suspend": "item/1 A suspended until 2030-02-05",
        "keep": "item/1 A active until 2030-02-05",
    }
    assert licenses(tales) == {
        "grace": "item/1 A suspended until 2030-02-05",
        "suspend": "item/1 A suspended until 2030-02-05",
        "keep": "item/1 A active until 2030-02-05",
    }
    assert tales["grace"].standing() == Standing(
        licenses=["item/1 A suspended until 2030-02-05"],
        orders=["paid 2030-01-01 to 2030-02-01"],
        records=["past_due to 2030-03-01"],
        named=["item/1"],
    )
    assert tales["grace"].notes() == [
        "sub is past_due; 1 invoice paid",
        "item gives no access now: a payment failed, and the mapping gives no more time",
    ]


def test_pain_24_a_late_payment_reinstates_and_renews_what_was_held(town_on_a_clock: Town) -> None:
    """The hold is ours, so the payment lifts it; the buyer keeps the license and its key."""
    tales = {one: failing(town_on_a_clock, on_past_due=one, grace_days=4) for one in CHOICES}
    settle_all(town_on_a_clock, ["2030-02-10"])

    for sale in tales.values():
        paid_late(town_on_a_clock, sale)
    settle_all(town_on_a_clock)

    assert licenses(tales) == dict.fromkeys(CHOICES, "item/1 A active until 2030-03-05")
    assert tales["grace"].deeds() == [
        "issue license item/1 under A until 2030-02-05",
        "suspend license item/1: past_due",
        "renew item/1 (item) until 2030-03-05",
        "reinstate license item/1: no longer past_due",
    ]
    assert tales["keep"].deeds() == [
        "issue license item/1 under A until 2030-02-05",
        "renew item/1 (item) until 2030-03-05",
    ]
    assert {tale.standing().records[0] for tale in tales.values()} == {"active to 2030-03-01"}


def test_pain_24_when_stripe_gives_up_and_calls_it_unpaid_the_license_is_held_until_it_is_paid(
    town_on_a_clock: Town,
) -> None:
    """Whatever `on_past_due` says; LicenseKit has no word for unpaid, so the record is past due."""
    town_on_a_clock.stripe.shop.end_dunning_with("unpaid")
    sale = failing(town_on_a_clock, on_past_due="keep", grace_days=60)
    settle_all(town_on_a_clock, LAST_TRY)
    held = sale.standing()

    paid_late(town_on_a_clock, sale)
    settle_all(town_on_a_clock)

    assert held == Standing(
        licenses=["item/1 A suspended until 2030-04-02"],
        orders=["paid 2030-01-01 to 2030-02-01"],
        records=["past_due to 2030-03-01"],
        named=["item/1"],
    )
    assert sale.standing() == Standing(
        licenses=["item/1 A active until 2030-04-30"],
        orders=["paid 2030-01-01 to 2030-02-01", "paid 2030-02-01 to 2030-03-01"],
        records=["active to 2030-03-01"],
        named=["item/1"],
    )
    assert sale.deeds()[1:] == [
        "suspend license item/1: unpaid",
        "renew item/1 (item) until 2030-04-30",
        "reinstate license item/1: no longer unpaid",
    ]


def test_pain_24_when_stripe_gives_up_and_cancels_nothing_is_taken_before_its_paid_end(
    town_on_a_clock: Town,
) -> None:
    """A license with an end has ended by itself; one without is held: nothing pays for it now."""
    with_end, endless = failing(town_on_a_clock), failing(town_on_a_clock, "perpetual")

    settle_all(town_on_a_clock, LAST_TRY)

    assert [tale.standing() for tale in (with_end, endless)] == [
        Standing(
            licenses=[license_],
            orders=["paid 2030-01-01 to 2030-02-01"],
            records=["canceled to 2030-03-01, canceled on 2030-02-16"],
            named=["item/1"],
        )
        for license_ in ("item/1 A active until 2030-02-01", "item/1 A suspended for ever")
    ]
    assert endless.deeds()[1:] == ["suspend license item/1: past_due"]


def test_pain_24_a_first_payment_that_never_comes_issues_nothing(town_on_a_clock: Town) -> None:
    """Incomplete waits for its payment, and expires after a day; no license was ever due."""
    price, policy = offer(town_on_a_clock)
    customer = town_on_a_clock.stripe.shop.customer(email="ada@example.com")
    town_on_a_clock.stripe.shop.fail_payments(customer)
    late, never = (subscribed(town_on_a_clock, price, policy, customer=customer) for _ in range(2))
    settle_all(town_on_a_clock)
    before = [tale.notes() for tale in (late, never)]

    paid_late(town_on_a_clock, late)
    settle_all(town_on_a_clock, ["2030-01-03"])

    assert before == [["sub is incomplete and nothing was paid for it yet"]] * 2
    assert late.standing().licenses == ["item/1 A active until 2030-02-01"]
    assert never.standing() == Standing([], [], [], [])
    assert never.notes() == ["sub is incomplete_expired and nothing was paid for it yet"]
