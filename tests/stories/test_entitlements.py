"""Stripe's entitlements become features of the license, and everything is read from all pages."""

from __future__ import annotations

import pytest

from simulator.orders import Purchase
from tests.worlds.ending import Ending, deeds, ending, paid_until, payment_of
from tests.worlds.licensekit import Policy
from tests.worlds.town import Town
from tests.worlds.world import MONTH
from worker.gateways import stripe as gateway
from worker.reconcile import reconcile_now


def features(town: Town, policy: Policy) -> list[dict[str, int | None]]:
    """Of each license, oldest first."""
    books = town.world.books
    return [books.features(one["id"]) for one in books.licenses(policy.product_id)]


def reading_api(town: Town, **terms: object) -> tuple[str, Policy, str, str]:
    """A monthly price whose mapping turns Stripe's "api" into LicenseKit's feature "reading".

    Gives price and policy, Stripe's product and Stripe's feature, which is not attached yet.
    """
    price, policy = town.world.price("subscription", recurring=MONTH)
    reading = town.world.books.feature(policy.product_id, "reading")
    town.world.map(price, policy, entitlements={"api": reading}, **terms)
    product = town.stripe.shop.read(price)["product"]
    return price, policy, product, town.stripe.shop.feature("api", "API")


def test_an_entitlement_brings_its_feature_and_takes_it_away_again(town: Town) -> None:
    """The seller attaches a feature to the product, and detaches it; what is not mapped is left."""
    price, policy, product, api = reading_api(town)
    other = town.stripe.shop.feature("other", "Other")
    sale = town.stripe.shop.subscribe(price)
    town.settle()
    seen = features(town, policy)

    for change in (town.stripe.shop.attach_feature, town.stripe.shop.detach_feature):
        change(product, api)
        if change == town.stripe.shop.attach_feature:
            change(product, other)
        town.settle()
        seen += features(town, policy)

    end = paid_until(town, sale.invoice)
    assert seen == [{}, {"reading": None}, {}]
    assert deeds(town) == [f"issue {end}", "assign", "remove"]
    assert ending(town, policy, sale.subscription) == Ending(
        [f"active {end}"], ["paid"], [f"active {end}"], [1], []
    )


def test_the_end_of_a_subscription_takes_its_entitlements_from_the_license(town: Town) -> None:
    """Stripe entitles nobody to anything then; the paid month of the license itself stays."""
    price, policy, product, api = reading_api(town)
    town.stripe.shop.attach_feature(product, api)
    sale = town.stripe.shop.subscribe(price)
    town.settle()
    before = features(town, policy)

    town.stripe.shop.cancel(str(sale.subscription))
    town.settle()

    end = paid_until(town, sale.invoice)
    assert (before, features(town, policy)) == ([{"reading": None}], [{}])
    assert ending(town, policy, sale.subscription) == Ending(
        [f"active {end}"], ["paid"], [f"canceled {end}"], [1], []
    )


def test_an_entitlement_by_one_sale_reaches_the_license_of_another(town: Town) -> None:
    """Entitlements are the customer's: the editor bought once learns what the cloud brings."""
    price, _, product, api = reading_api(town)
    once, editor = town.world.price()
    sharing = town.world.books.feature(editor.product_id, "sharing")
    town.world.map(once, editor, entitlements={"api": sharing})
    town.stripe.shop.attach_feature(product, api)
    ada = town.stripe.shop.customer(name="Ada", email="ada@example.com")
    bought = town.stripe.shop.buy(once, customer=ada)
    town.stripe.shop.buy(once, guest=True)
    town.settle()
    before = features(town, editor)

    town.stripe.shop.subscribe(price, customer=ada)
    town.settle()

    mine = town.world.metadata(bought.session)["licensekit_license_ids"]
    assert before == [{}, {}]
    assert town.world.books.features(mine) == {"sharing": None}
    assert sorted(features(town, editor), key=len) == [{}, {"sharing": None}]


def test_a_feature_that_a_person_gave_is_not_taken_away(town: Town) -> None:
    """Billing takes back only what billing gave."""
    price, policy, product, api = reading_api(town)
    gift = town.world.books.feature(policy.product_id, "gift")
    town.stripe.shop.attach_feature(product, api)
    town.stripe.shop.subscribe(price)
    town.settle()
    (license_,) = town.world.books.licenses(policy.product_id)
    town.world.books.give(license_["id"], gift)

    town.stripe.shop.detach_feature(product, api)
    town.settle()

    assert features(town, policy) == [{"gift": None}]


MANY = 12  # more than the ten that Stripe sends along with an object


@pytest.fixture
def small_pages(quiet_town: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Lists come in pages of two; passes run in this program, which alone knows of that."""
    monkeypatch.setattr(gateway, "PAGE", 2)
    return quiet_town


def bring_to_rest(town: Town) -> None:
    """What the workers would do, with the pages of this test."""
    assert town.stripe.wait_until_idle()
    known = town.world.keys()
    closed = [reconcile_now(key, town.world.deps).status for key in known]
    assert set(closed) <= {"applied", "settled"}


def test_every_page_of_a_sessions_lines_is_read(small_pages: Town) -> None:
    """Twelve lines of one checkout: twelve licenses, one order."""
    town = small_pages
    price, policy = town.world.price()
    prices = [town.stripe.shop.price(f"Add-on {n}", 100) for n in range(1, MANY)]
    for one in prices:
        town.world.map(one, policy)

    sale = town.stripe.shop.buy([price, *prices])
    bring_to_rest(town)

    found = ending(town, policy, sale.session)
    assert (found.licenses, found.orders) == (["active for ever"] * MANY, ["paid"])


def subscribed_to_many(town: Town) -> tuple[Purchase, Policy, str]:
    """Twelve items under one policy, one of them with twelve entitlements."""
    price, policy = town.world.price("subscription", recurring=MONTH)
    shop = town.stripe.shop
    prices = [shop.price(f"Add-on {n}", 100, recurring=MONTH) for n in range(1, MANY)]
    for one in prices:
        town.world.map(one, policy)
    codes = [f"feature-{n}" for n in range(MANY)]
    mapped = {code: town.world.books.feature(policy.product_id, code) for code in codes}
    town.world.map(price, policy, entitlements=mapped)
    for code in codes:
        shop.attach_feature(shop.read(price)["product"], shop.feature(code, code))
    return shop.subscribe([price, *prices]), policy, prices[-1]


def test_every_page_of_items_lines_payments_and_entitlements_is_read(small_pages: Town) -> None:
    """Twelve items, three months, an invoice of twelve lines each; the last one is refunded."""
    town = small_pages
    sale, policy, _ = subscribed_to_many(town)
    bring_to_rest(town)
    for _ in range(2):
        town.stripe.advance(days=31, seconds=7200)
    last = max(town.stripe.shop.books.all("invoice"), key=lambda one: one["created"])["id"]
    bring_to_rest(town)
    renewed = ending(town, policy, sale.subscription)

    town.stripe.shop.refund(payment_intent=payment_of(town, last))
    bring_to_rest(town)

    end = paid_until(town, last)
    found = ending(town, policy, sale.subscription)
    assert (renewed.licenses, renewed.orders) == ([f"active {end}"] * MANY, ["paid"] * 3)
    assert found.orders == ["paid", "paid", "refunded"]
    assert len(set(found.licenses)) == 1
    assert found.licenses[0] != f"active {end}"
    assert max(map(len, features(town, policy))) == MANY


def test_every_page_of_disputes_is_read(small_pages: Town) -> None:
    """Two inquiries came after the dispute and are closed; the oldest still holds the license."""
    town = small_pages
    price, policy = town.world.price()
    shop = town.stripe.shop
    sale = shop.buy(price)
    dispute = shop.dispute(sale.payment_intent)
    for _ in range(2):
        shop.close_dispute(shop.dispute(sale.payment_intent, warning=True), "warning_closed")
    bring_to_rest(town)
    held = ending(town, policy, sale.session).licenses

    shop.close_dispute(dispute, "won")
    bring_to_rest(town)

    assert (held, ending(town, policy, sale.session).licenses) == (
        ["suspended for ever"],
        ["active for ever"],
    )
