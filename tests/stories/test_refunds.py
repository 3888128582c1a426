"""Money that goes back: a refund takes what it paid for along, and nothing else."""

from __future__ import annotations

import pytest

from tests.worlds.ending import (
    Ending,
    deeds,
    ending,
    invoices,
    notes,
    paid_until,
    payment_of,
    renew,
)
from tests.worlds.town import Town
from tests.worlds.world import MONTH

ON_REFUND = {
    "revoke": ("revoked for ever", ["revoke: refunded"]),
    "suspend": ("suspended for ever", ["suspend: refunded"]),
    "keep": ("active for ever", []),
}


@pytest.mark.parametrize("choice", ON_REFUND)
def test_pain_23_a_full_refund_does_to_the_license_what_the_mapping_says(
    town: Town, choice: str
) -> None:
    """The order says refunded whatever the license becomes."""
    price, policy = town.world.price()
    town.world.map(price, policy, on_refund=choice)
    sale = town.stripe.shop.buy(price)
    town.settle()

    town.stripe.shop.refund(payment_intent=sale.payment_intent)
    town.settle()

    license_, done = ON_REFUND[choice]
    assert ending(town, policy, sale.session) == Ending([license_], ["refunded"], [], [1], [])
    assert deeds(town) == ["issue for ever", *done]


@pytest.mark.parametrize("kind", ["guest", "with a receipt", "invoice", "payment intent"])
def test_pain_23_the_refund_of_any_kind_of_sale_finds_its_license(town: Town, kind: str) -> None:
    """A refund names only a payment; which sale that paid for, Stripe is asked."""
    price, policy = town.world.price()
    shop = town.stripe.shop
    if kind == "guest":
        bought = shop.buy(price, guest=True)
        sale, paid = bought.session, bought.payment_intent
    elif kind == "with a receipt":
        bought = shop.buy(price, invoice_creation=True)
        sale, paid = bought.session, bought.payment_intent
    elif kind == "invoice":
        sale = shop.invoice(shop.customer(name="Ada"), [price])
        paid = payment_of(town, sale)
    else:
        sale = paid = shop.payment_intent(4900, metadata={"price": price})
    town.settle()
    before = ending(town, policy, sale)

    shop.refund(payment_intent=paid)
    town.settle()

    assert before == Ending(["active for ever"], ["paid"], [], [1], [])
    assert ending(town, policy, sale) == Ending(["revoked for ever"], ["refunded"], [], [1], [])


@pytest.mark.parametrize("refunded", ["the first", "the second", "both"])
def test_pain_23_the_refund_of_one_period_leaves_what_else_was_paid(
    town: Town, refunded: str
) -> None:
    """Two months were paid: the end moves back only to what is still paid for."""
    price, policy = town.world.price("subscription", recurring=MONTH)
    sale = town.stripe.shop.subscribe(price)
    town.settle()
    second = renew(town, sale.subscription)
    ends = [paid_until(town, invoice) for invoice in (sale.invoice, second)]

    for invoice, name in ((str(sale.invoice), "the first"), (second, "the second")):
        if refunded in (name, "both"):
            town.stripe.shop.refund(payment_intent=payment_of(town, invoice))
            town.settle()

    license_, orders, done = {
        "the first": (f"active {ends[1]}", ["refunded", "paid"], []),
        "the second": (f"active {ends[0]}", ["paid", "refunded"], [f"shorten {ends[0]}"]),
        "both": (f"revoked {ends[1]}", ["refunded", "refunded"], ["revoke: refunded"]),
    }[refunded]
    end = Ending([license_], orders, [f"active {ends[1]}"], [1], [])
    assert ending(town, policy, sale.subscription) == end
    assert deeds(town) == [f"issue {ends[0]}", f"renew {ends[1]}", *done]


def test_pain_23_a_refund_after_the_trial_leaves_the_trial(town: Town) -> None:
    """The trial cost nothing, so nobody can give it back: the end is the trial's again."""
    price, policy = town.world.price("subscription", recurring=MONTH)
    sale = town.stripe.shop.subscribe(price, trial_days=14)
    town.settle()
    town.stripe.advance(days=14, seconds=7200)
    town.settle()
    first = invoices(town, sale.subscription)[-1]

    town.stripe.shop.refund(payment_intent=payment_of(town, first))
    town.settle()

    trial_end, end = paid_until(town, sale.invoice), paid_until(town, first)
    assert ending(town, policy, sale.subscription).licenses == [f"active {trial_end}"]
    moves = [f"issue {trial_end}", f"renew {end}", f"shorten {trial_end}"]
    assert deeds(town) == moves


def test_pain_23_a_partial_refund_is_a_courtesy_unless_the_mapping_says_otherwise(
    town: Town,
) -> None:
    """By default only the whole sum takes a license away, however many parts it comes in."""
    price, policy = town.world.price()
    sale = town.stripe.shop.buy(price)
    town.settle()

    seen = []
    for amount in (4000, 800, 100):  # of 4900
        town.stripe.shop.refund(payment_intent=sale.payment_intent, amount=amount)
        town.settle()
        found = ending(town, policy, sale.session)
        seen.append((*found.licenses, *found.orders))

    kept = ("active for ever", "paid")
    assert seen == [kept, kept, ("revoked for ever", "refunded")]
    assert deeds(town) == ["issue for ever", "revoke: refunded"]


@pytest.mark.parametrize(("percent", "statuses"), [(50, "paid revoked"), (90, "paid active")])
def test_pain_23_partial_refunds_add_up_to_the_share_that_the_mapping_names(
    town: Town, percent: int, statuses: str
) -> None:
    """Twice 40 % is more than half; the order stays paid, for not all of the money went back."""
    price, policy = town.world.price()
    terms = {"on_partial_refund": "revoke", "partial_refund_percent": percent}
    town.world.map(price, policy, **terms)
    sale = town.stripe.shop.buy(price)
    town.settle()

    seen = []
    for _ in range(2):
        town.stripe.shop.refund(payment_intent=sale.payment_intent, amount=1960)
        town.settle()
        found = ending(town, policy, sale.session)
        seen.append(f"{found.orders[0]} {found.licenses[0]}")

    assert seen == ["paid active for ever", f"{statuses} for ever"]


def test_pain_23_a_refund_that_failed_afterwards_restores_the_license(town: Town) -> None:
    """The bank sent the money back: the hold is lifted and the order is paid again."""
    price, policy = town.world.price()
    town.world.map(price, policy, on_refund="suspend")
    sale = town.stripe.shop.buy(price)
    town.settle()
    refund = town.stripe.shop.refund(payment_intent=sale.payment_intent, pending=True)
    town.settle()
    (held,) = ending(town, policy, sale.session).licenses

    town.stripe.shop.fail_refund(refund)
    town.settle()

    restored = Ending(["active for ever"], ["paid"], [], [1], [])
    assert (held, ending(town, policy, sale.session)) == ("suspended for ever", restored)
    assert deeds(town) == ["issue for ever", "suspend: refunded", "reinstate: refunded"]


def test_pain_23_a_failed_refund_of_a_revoked_license_brings_a_new_one(town: Town) -> None:
    """A revocation is for good, so what is paid again needs another license."""
    price, policy = town.world.price()
    sale = town.stripe.shop.buy(price)
    town.settle()
    refund = town.stripe.shop.refund(payment_intent=sale.payment_intent)
    town.settle()

    town.stripe.shop.fail_refund(refund)
    town.settle()

    licenses = ["revoked for ever", "active for ever"]
    assert ending(town, policy, sale.session) == Ending(licenses, ["paid"], [], [2], [])
    assert deeds(town) == ["issue for ever", "revoke: refunded", "issue for ever"]
    newest = town.world.books.licenses(policy.product_id)[-1]
    assert town.world.books.accepts(town.world.key_of(newest["id"]))


def test_pain_23_a_failed_refund_of_a_renewal_gives_its_month_back(town: Town) -> None:
    """The end moves back with the refund and forth again without it."""
    price, policy = town.world.price("subscription", recurring=MONTH)
    sale = town.stripe.shop.subscribe(price)
    town.settle()
    second = renew(town, sale.subscription)
    refund = town.stripe.shop.refund(payment_intent=payment_of(town, second))
    town.settle()

    town.stripe.shop.fail_refund(refund)
    town.settle()

    first_end, end = paid_until(town, sale.invoice), paid_until(town, second)
    restored = Ending([f"active {end}"], ["paid", "paid"], [f"active {end}"], [1], [])
    assert ending(town, policy, sale.subscription) == restored
    issued = [f"issue {first_end}", f"renew {end}"]
    assert deeds(town) == [*issued, f"shorten {first_end}", f"renew {end}"]


def test_pain_23_paid_refunded_and_paid_again_ends_licensed(town: Town) -> None:
    """What was done before is history, never a reason to skip it now."""
    price, policy = town.world.price("subscription", recurring=MONTH)
    sale = town.stripe.shop.subscribe(price)
    town.settle()
    town.stripe.shop.refund(payment_intent=payment_of(town, str(sale.invoice)))
    town.settle()

    second = renew(town, sale.subscription)

    first_end, end = paid_until(town, sale.invoice), paid_until(town, second)
    licenses = [f"revoked {first_end}", f"active {end}"]
    again = Ending(licenses, ["refunded", "paid"], [f"active {end}"], [2], [])
    assert ending(town, policy, sale.subscription) == again
    assert deeds(town) == [f"issue {first_end}", "revoke: refunded", f"issue {end}"]


def test_pain_23_a_refund_that_is_heard_of_before_its_sale_comes_to_the_same_end(
    town: Town,
) -> None:
    """Nothing was told of the sale: the refund alone leads to it, and no license is issued."""
    town.stripe.switch(drop_types=["checkout.session.*", "payment_intent.*", "charge.succeeded"])
    price, policy = town.world.price()
    sale = town.stripe.shop.buy(price)

    town.stripe.shop.refund(payment_intent=sale.payment_intent)
    town.settle()

    assert ending(town, policy, sale.session) == Ending([], ["refunded"], [], [], [])
    assert deeds(town) == []
    assert f"{sale.items[0]} gets no license: what paid for it was refunded" in notes(town)
