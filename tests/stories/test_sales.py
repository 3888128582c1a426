"""Sales as they happen: Stripe delivers, the receiver writes down, a worker brings to rest."""

from __future__ import annotations

from tests.worlds.town import Town
from tests.worlds.world import MONTH


def test_a_one_time_checkout_becomes_a_license(town: Town) -> None:
    """From the signed delivery to the key in escrow and the ids in Stripe."""
    price, policy = town.world.price()

    sale = town.stripe.shop.buy(price)
    town.settle()

    (license_,) = town.world.books.licenses(policy.product_id)
    assert license_["status"] == "active"
    assert town.world.books.accepts(town.world.key_of(license_["id"]))
    assert town.world.metadata(sale.session)["licensekit_license_ids"] == license_["id"]
    assert town.world.problems() == []


def test_two_products_in_one_checkout_become_two_licenses(town: Town) -> None:
    """Each LicenseKit product has its order and its license."""
    first, one = town.world.price()
    second, two = town.world.price()

    sale = town.stripe.shop.buy([first, second])
    town.settle()

    for policy in (one, two):
        assert len(town.world.books.licenses(policy.product_id)) == 1
        (order,) = town.world.books.orders(policy.product_id)
        assert order["external_id"] == sale.session
    assert town.world.metadata(sale.session)["licensekit_license_count"] == "2"


def test_pain_18_one_customer_may_have_several_subscriptions(town: Town) -> None:
    """Each has its own license and its own end."""
    price, policy = town.world.price("subscription", recurring=MONTH)
    customer = town.stripe.shop.customer(email="ada@example.com")

    sold = [town.stripe.shop.subscribe(price, customer=customer) for _ in range(2)]
    town.settle()

    licenses = town.world.books.licenses(policy.product_id)
    assert {one["metadata"]["stripe_line_item"] for one in licenses} == {
        sale.items[0] for sale in sold
    }
    assert len({one["customer_id"] for one in licenses}) == 1


def test_pain_15_two_customers_with_one_e_mail_stay_two(town: Town) -> None:
    """Identity is the Stripe customer, never the address."""
    price, policy = town.world.price()

    town.stripe.shop.buy(price, email="office@example.com")
    town.stripe.shop.buy(price, email="office@example.com")
    town.settle()

    licenses = town.world.books.licenses(policy.product_id)
    assert len({one["customer_id"] for one in licenses}) == 2


def test_pain_22_an_unmapped_line_is_told_beside_a_mapped_one(town: Town) -> None:
    """One line waits, the other is served."""
    price, policy = town.world.price()
    unknown = town.stripe.shop.price("Add-on", 900)

    town.stripe.shop.buy([price, unknown])
    town.settle()

    assert len(town.world.books.licenses(policy.product_id)) == 1
    assert town.world.problems() == [("unmapped_price", unknown)]
