"""What the views in Stripe's dashboard are answered, and what they are not."""

from __future__ import annotations

import pytest

from shared.accounts import ServedAccount
from simulator.orders import Purchase
from tests.integration.app.views.conftest import desk_of
from tests.integration.app.views.signing import Dashboard
from tests.worlds.installing import GUEST, guest_sells
from tests.worlds.world import MONTH, World

VIEWS = ("customer", "subscription", "invoice", "payment")


def objects_of(world: World, sale: Purchase) -> dict[str, str]:
    """An object of the sale for each view."""
    invoice = world.stripe.shop.read(str(sale.subscription))["latest_invoice"]
    return {
        "customer": str(sale.customer),
        "subscription": str(sale.subscription),
        "invoice": str(invoice),
        "payment": payment_of(world, sale),
    }


def payment_of(world: World, sale: Purchase) -> str:
    """The payment intent of its first invoice."""
    intents = world.stripe.shop.books.all("payment_intent")
    return next(str(one["id"]) for one in intents if one["customer"] == sale.customer)


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_shows_the_sale_its_licenses_and_where_to_look(
    world: World, dashboard: Dashboard, sale: Purchase, own: str, view: str
) -> None:
    """Status, end, devices and usage from LicenseKit; the story, terms and links from us."""
    answer = dashboard.ask(view, objects_of(world, sale)[view], own)

    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    (told,) = data["sales"]
    (license_,) = data["licenses"]
    assert (data["account"], data["mode"], data["missing"]) == ("own", "test", [])
    assert told["sale"]["id"] == sale.subscription
    assert (bool(told["terms"]), bool(told["story"]), told["problems"]) == (True, True, [])
    assert (license_["status"], license_["expires_at"] is not None) == ("active", True)
    assert [one["status"] for one in license_["devices"]] == ["active"]
    assert [one["feature_code"] for one in license_["features"]] == ["exports"]
    base = "https://app.licensekit.example.com"
    assert license_["url"] == f"{base}/licenses/{license_['id']}"
    assert data["customer"]["url"].startswith(f"{base}/customers/cust_")
    assert answer.headers["access-control-allow-origin"] == "null"


def test_a_subscription_also_shows_what_it_looks_like_there(
    dashboard: Dashboard, sale: Purchase, own: str
) -> None:
    """Status, customer, card, items with their plans, anchor, next charge, trial, category."""
    data = dashboard.ask("subscription", str(sale.subscription), own).json()["data"]

    shown = data["subscription"]
    (item,) = shown["items"]
    assert (shown["id"], shown["status"]) == (sale.subscription, "active")
    assert shown["customer"] == sale.customer
    assert shown["payment_instrument"] == {
        "type": "card",
        "brand": "mastercard",
        "last4": "4444",
    }
    assert (item["plan"], item["unit_amount"], item["interval"]) == ("Editor", 4900, "month")
    assert shown["next_charge_at"] == item["period_end"]
    assert item["period_end"][:19] == data["licenses"][0]["expires_at"][:19]
    assert shown["renewal_anchor"] == item["period_start"]
    assert (shown["trial"], shown["scheduled_change"]) == (None, None)
    assert shown["plan_category"] == "recurring"


def test_an_installed_account_sees_its_own_sales(world: World, dashboard: Dashboard) -> None:
    """By its own tokens, in the mode in which it installed the app."""
    shop, price, _ = guest_sells(world, ServedAccount(GUEST, False))
    theirs = shop.subscribe(price)
    world.tell(shop.events())
    world.run()

    data = dashboard.ask("subscription", str(theirs.subscription), GUEST).json()["data"]

    assert (data["account"], [one["status"] for one in data["licenses"]]) == (GUEST, ["active"])
    assert data["subscription"]["status"] == "active"


@pytest.mark.parametrize("view", VIEWS)
def test_one_account_never_sees_anothers(
    world: World, dashboard: Dashboard, sale: Purchase, view: str
) -> None:
    """Signed for the guest, asked for ours: nothing of it comes out, and the reverse."""
    object_id = objects_of(world, sale)[view]

    answer = dashboard.ask(view, object_id, GUEST)

    assert (answer.status_code, "data" in answer.json()) == (403, False)
    assert answer.json()["error"]["code"] == "NOT_YOURS"
    assert "ada@example.com" not in answer.text


@pytest.mark.parametrize("mode", ["", "live"])
def test_an_account_without_our_app_gets_nothing(
    world: World, dashboard: Dashboard, sale: Purchase, mode: str
) -> None:
    """Also one that has it, in the mode in which it has not."""
    account = GUEST if mode else "acct_1Stranger"

    answer = dashboard.ask("subscription", str(sale.subscription), account, mode=mode)

    assert (answer.status_code, "data" in answer.json()) == (403, False)
    assert answer.json()["error"]["code"] == "NOT_INSTALLED"


def test_a_customer_who_bought_nothing_is_no_stranger(
    world: World, dashboard: Dashboard, own: str
) -> None:
    """Stripe knows them: the answer is empty, and not a refusal."""
    customer = world.stripe.shop.customer(email="new@example.com")

    data = dashboard.ask("customer", customer, own).json()["data"]

    assert (data["sales"], data["licenses"], data["missing"]) == ([], [], [])


def test_a_sale_that_no_pass_has_seen_is_shown_as_stripe_has_it(
    world: World, dashboard: Dashboard, own: str
) -> None:
    """Its events are still on their way."""
    price, _ = world.price("subscription", recurring=MONTH)
    new = world.stripe.shop.subscribe(price)

    data = dashboard.ask("subscription", str(new.subscription), own).json()["data"]

    assert data["sales"] == []
    assert (data["subscription"]["status"], data["subscription"]["plan_category"]) == (
        "active",
        "recurring",
    )


def test_a_licensekit_that_is_down_leaves_what_we_know(
    world: World, sale: Purchase, own: str
) -> None:
    """Quickly, and the answer names what is missing."""
    with desk_of(world, LICENSEKIT_BASE_URL="http://127.0.0.1:9") as dashboard:
        data = dashboard.ask("subscription", str(sale.subscription), own).json()["data"]

    (license_,) = data["licenses"]
    assert data["missing"] == ["LicenseKit gave no answer"]
    assert (license_["status"], license_["id"].startswith("lic_")) == (None, True)
    assert data["subscription"]["status"] == "active"
    assert len(data["sales"]) == 1


def test_a_stripe_that_is_down_leaves_what_we_know(world: World, sale: Purchase, own: str) -> None:
    """The same the other way round."""
    with desk_of(world, own, STRIPE_API_BASE="http://127.0.0.1:9") as dashboard:
        data = dashboard.ask("subscription", str(sale.subscription), own).json()["data"]

    assert data["missing"] == ["Stripe gave no answer"]
    assert (data["subscription"], [one["status"] for one in data["licenses"]]) == (
        None,
        ["active"],
    )


def test_while_stripe_does_not_say_which_account_is_ours_nothing_is_shown(
    world: World, sale: Purchase, own: str
) -> None:
    """It is asked once; until then anybody could be us."""
    with desk_of(world, STRIPE_API_BASE="http://127.0.0.1:9") as dashboard:
        answer = dashboard.ask("subscription", str(sale.subscription), own)

    assert (answer.status_code, "data" in answer.json()) == (503, False)
