"""Customers change and leave, prices and products retire: what was sold stays as it was sold."""

from __future__ import annotations

import json

from tests.worlds.ending import Ending, deeds, ending, notes, paid_until, payment_of, renew
from tests.worlds.town import Town
from tests.worlds.world import MONTH


def people(town: Town) -> list[tuple[str, str]]:
    """Every customer of LicenseKit: name and e-mail."""
    return sorted((one["name"], one.get("email", "")) for one in town.world.books.customers())


def test_pain_15_a_customers_new_name_and_address_reach_licensekit(town: Town) -> None:
    """Another customer with the same address is somebody else and stays as it is."""
    price, _ = town.world.price()
    shop = town.stripe.shop
    ada = shop.customer(name="Ada", email="office@example.com")
    shop.buy(price, customer=ada)
    shop.buy(price, customer=shop.customer(name="Eve", email="office@example.com"))
    town.settle()
    before = people(town)

    shop.change_customer(ada, name="Ada King", email="ada@example.com")
    town.settle()

    assert before == [("Ada", "office@example.com"), ("Eve", "office@example.com")]
    assert people(town) == [("Ada King", "ada@example.com"), ("Eve", "office@example.com")]
    assert deeds(town) == ["issue for ever", "issue for ever"]


def test_an_address_that_a_customer_took_away_is_taken_away(town: Town) -> None:
    """An e-mail that is gone in Stripe must not be written to any more."""
    price, policy = town.world.price()
    ada = town.stripe.shop.customer(name="Ada", email="ada@example.com")
    sale = town.stripe.shop.buy(price, customer=ada)
    town.settle()

    town.stripe.shop.change_customer(ada, email="")
    town.settle()

    assert people(town) == [("Ada", "")]
    assert ending(town, policy, sale.session) == Ending(["active for ever"], ["paid"], [], [1], [])


def test_a_customer_who_bought_nothing_yet_is_no_business_of_ours(town: Town) -> None:
    """A newsletter subscriber who changes address gets no record in LicenseKit."""
    visitor = town.stripe.shop.customer(name="Visitor")

    town.stripe.shop.change_customer(visitor, name="Somebody")
    town.settle()

    assert people(town) == []
    assert town.world.problems() == []


def test_a_deleted_customer_is_a_fact_and_keeps_what_was_paid(town: Town) -> None:
    """Stripe ends the subscriptions; what was bought once and what was paid stay."""
    once, editor = town.world.price()
    monthly, cloud = town.world.price("subscription", recurring=MONTH)
    shop = town.stripe.shop
    ada = shop.customer(name="Ada", email="ada@example.com")
    bought = shop.buy(once, customer=ada)
    rented = shop.subscribe(monthly, customer=ada)
    town.settle()

    shop.delete_customer(ada)
    town.settle()

    end = paid_until(town, rented.invoice)
    assert ending(town, editor, bought.session) == Ending(
        ["active for ever"], ["paid"], [], [1], []
    )
    assert ending(town, cloud, rented.subscription) == Ending(
        [f"active {end}"], ["paid"], [f"canceled {end}"], [1], []
    )
    assert people(town) == [("Ada", "ada@example.com")]
    assert f"{ada} was deleted; what it bought stays as its sales say" in notes(town)
    assert set(town.world.passes()) <= {"applied", "settled"}


def test_pain_23_money_goes_back_to_a_deleted_customer_as_to_any_other(town: Town) -> None:
    """The refund finds the license, though nobody is left to name."""
    price, policy = town.world.price("subscription", recurring=MONTH)
    ada = town.stripe.shop.customer(name="Ada", email="ada@example.com")
    sale = town.stripe.shop.subscribe(price, customer=ada)
    town.stripe.shop.delete_customer(ada)
    town.settle()

    town.stripe.shop.refund(payment_intent=payment_of(town, str(sale.invoice)))
    town.settle()

    end = paid_until(town, sale.invoice)
    assert ending(town, policy, sale.subscription) == Ending(
        [f"revoked {end}"], ["refunded"], [f"canceled {end}"], [1], []
    )


def test_a_sale_that_is_heard_of_after_its_customer_was_deleted_is_fulfilled(
    quiet_town: Town,
) -> None:
    """The buyer paid; that the seller tidied up meanwhile is no reason to get nothing."""
    town = quiet_town
    price, policy = town.world.price()
    ada = town.stripe.shop.customer(name="Ada", email="ada@example.com")
    sale = town.stripe.shop.buy(price, customer=ada)
    town.stripe.shop.delete_customer(ada)

    town.start_worker()
    town.settle()

    assert ending(town, policy, sale.session) == Ending(["active for ever"], ["paid"], [], [1], [])
    assert people(town) == [(ada, "")]


def test_a_retired_price_renews_who_bought_it_and_the_check_names_it(town: Town) -> None:
    """Nobody can buy it any more; its mapping serves the old sales, and a person is told."""
    price, policy = town.world.price("subscription", recurring=MONTH)
    product = town.stripe.shop.read(price)["product"]
    sale = town.stripe.shop.subscribe(price)
    town.settle()
    newer = town.stripe.shop.price("Editor 2", 900, recurring=MONTH)
    town.stripe.shop.archive(price)
    town.stripe.shop.rename(product, "Editor Classic")

    second = renew(town, sale.subscription)

    end = paid_until(town, second)
    assert ending(town, policy, sale.subscription) == Ending(
        [f"active {end}"], ["paid", "paid"], [f"active {end}"], [1], []
    )
    told = json.loads(town.fulfill("mappings", "check", "--json").stdout)
    named = {price, newer}
    found = [o for o in told["findings"] if o["subject"].split(" ")[0] in named]
    assert sorted((o["level"], o["subject"].split(" ")[0]) for o in found) == sorted(
        ("warning", name) for name in named
    )


def test_pain_22_a_mapping_changed_or_retired_later_changes_no_old_sale(town: Town) -> None:
    """A sale keeps the terms it was sold under: here, that a refund leaves the license."""
    price, policy = town.world.price()
    town.world.map(price, policy, on_refund="keep")
    sale = town.stripe.shop.buy(price)
    town.settle()
    town.world.map(price, policy, on_refund="revoke")
    assert town.fulfill("mappings", "retire", price).exit_code == 0

    town.stripe.shop.refund(payment_intent=sale.payment_intent)
    town.settle()

    assert ending(town, policy, sale.session) == Ending(
        ["active for ever"], ["refunded"], [], [1], []
    )
