"""What the views in Stripe's dashboard are answered, and to whom nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from console.app.own import OwnAccount
from console.app.views import Desk, view_routes
from shared.accounts import ServedAccount
from simulator.orders import Purchase
from tests.integration.app.conftest import settings_of
from tests.integration.app.signing import USER, Dashboard
from tests.worlds.installing import GUEST, guest_sells, install
from tests.worlds.web import serve_app
from tests.worlds.world import MONTH, World, open_world
from worker.deps import Deps
from worker.gateways.patience import HURRIED
from worker.jobs import make_deps

VIEWS = ("customer", "subscription", "invoice", "payment")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Shared: these tests only read, each of the sales it made itself."""
    folder: Path = tmp_path_factory.mktemp("views")
    with open_world(folder) as running:
        install(running)
        yield running


@pytest.fixture(scope="module")
def own(world: World) -> str:
    return world.stripe.account


@pytest.fixture(scope="module")
def dashboard(world: World) -> Iterator[Dashboard]:
    settings = settings_of(world)

    def make() -> Deps:
        return make_deps(settings, world.engine, patience=HURRIED, clock=world.clock)

    desk = Desk(settings, world.engine, make, world.clock, OwnAccount(make))
    with (
        serve_app(Starlette(routes=view_routes(desk))) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=30) as client,
    ):
        yield Dashboard(client, world.clock.now().timestamp())
    desk.pool.shutdown()


@pytest.fixture(scope="module")
def sale(world: World) -> Purchase:
    """Our own subscription, at rest, with a device and a feature on its license, paid by a card."""
    price, policy = world.price("subscription", recurring=MONTH)
    bought = world.stripe.shop.subscribe(price, email="ada@example.com")
    world.stripe.shop.card(str(bought.subscription), "mastercard", "4444")
    world.hear_all()
    (license_,) = world.books.licenses(policy.product_id)
    world.books.give(license_["id"], world.books.feature(policy.product_id, "exports"))
    assert world.books.accepts(world.key_of(license_["id"]))
    return bought


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


def headers_of(case: str, dashboard: Dashboard, own: str) -> dict[str, Any]:
    signed = dashboard.signature
    return {
        "none": {},
        "forged": {"Stripe-Signature": signed(own, secret="absec_another")},
        "stale": {"Stripe-Signature": signed(own, late=-301)},
        "from the future": {"Stripe-Signature": signed(own, late=301)},
        "of another account": {"Stripe-Signature": signed(GUEST)},
        "of a webhook": {"Stripe-Signature": signed(own, secret="whsec_test_first")},
        "not ASCII": {"Stripe-Signature": "t=1,v1=ä".encode("latin-1")},
        "not UTF-8": {"Stripe-Signature": b"t=\xff\xfe,v1=\xff"},
        "no time": {"Stripe-Signature": "v1=" + "0" * 64},
    }[case]


CASES = ("none", "forged", "stale", "from the future", "of another account", "of a webhook")


@pytest.mark.parametrize("case", [*CASES, "not ASCII", "not UTF-8", "no time"])
def test_a_signature_that_does_not_hold_gets_401_and_no_data(
    dashboard: Dashboard, sale: Purchase, own: str, case: str
) -> None:
    """Whatever is sent, and never an error of ours."""
    query = {"id": str(sale.subscription), "user_id": USER, "account_id": own}

    answer = dashboard.client.get(
        "/stripe/app/subscription", params=query, headers=headers_of(case, dashboard, own)
    )

    assert (answer.status_code, "data" in answer.json()) == (401, False)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "user_id=usr_1Ada",
        "user_id=usr_1Ada&account_id=",
        "user_id=usr_1Ada&account_id=%FF%FE",
        "user_id=usr_1Ada&account_id=acct_%C3%A4",
        'user_id=usr_1"&account_id=acct_1',
        "user_id=usr_1Ada&account_id=cus_1",
    ],
)
def test_a_query_that_no_dashboard_writes_gets_401(dashboard: Dashboard, query: str) -> None:
    """Names that Stripe never gives are not even compared."""
    headers = {"Stripe-Signature": dashboard.signature("acct_1")}

    answer = dashboard.client.get(f"/stripe/app/customer?id=cus_1&{query}", headers=headers)

    assert (answer.status_code, "data" in answer.json()) == (401, False)


@pytest.mark.parametrize(("view", "object_id"), [("customer", "sub_1"), ("invoice", "")])
def test_an_object_of_another_kind_is_a_fault_of_the_query(
    dashboard: Dashboard, own: str, view: str, object_id: str
) -> None:
    """The signature holds, the question does not."""
    answer = dashboard.ask(view, object_id, own)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_QUERY")


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("null", "null"),
        ("https://dashboard.stripe.com", "https://dashboard.stripe.com"),
        ("https://evil.example.com", None),
    ],
)
def test_the_preflight_lets_the_dashboard_and_its_sandbox_in(
    dashboard: Dashboard, origin: str, allowed: str | None
) -> None:
    """The signature may come as a header; cookies are never asked for."""
    answer = dashboard.client.options(
        "/stripe/app/customer",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "stripe-signature",
        },
    )

    assert answer.status_code == 204
    assert answer.headers.get("access-control-allow-origin") == allowed
    assert "Stripe-Signature" in answer.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in answer.headers


def test_a_licensekit_that_is_down_leaves_what_we_know(
    world: World, sale: Purchase, own: str
) -> None:
    """Quickly, and the answer names what is missing."""
    settings = settings_of(world, LICENSEKIT_BASE_URL="http://127.0.0.1:9")

    def make() -> Deps:
        return make_deps(settings, world.engine, patience=HURRIED, clock=world.clock)

    desk = Desk(settings, world.engine, make, world.clock, OwnAccount(make))
    with (
        serve_app(Starlette(routes=view_routes(desk))) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=30) as client,
    ):
        dashboard = Dashboard(client, world.clock.now().timestamp())
        data = dashboard.ask("subscription", str(sale.subscription), own).json()["data"]
    desk.pool.shutdown()

    (license_,) = data["licenses"]
    assert data["missing"] == ["LicenseKit gave no answer"]
    assert (license_["status"], license_["id"].startswith("lic_")) == (None, True)
    assert data["subscription"]["status"] == "active"
    assert len(data["sales"]) == 1


def test_a_stripe_that_is_down_leaves_what_we_know(world: World, sale: Purchase, own: str) -> None:
    """The same the other way round; an account we know by its installation needs no Stripe."""
    settings = settings_of(world, STRIPE_API_BASE="http://127.0.0.1:9")

    def make() -> Deps:
        return make_deps(settings, world.engine, patience=HURRIED, clock=world.clock)

    known = OwnAccount(make)
    known._id = own
    desk = Desk(settings, world.engine, make, world.clock, known)
    with (
        serve_app(Starlette(routes=view_routes(desk))) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=30) as client,
    ):
        dashboard = Dashboard(client, world.clock.now().timestamp())
        data = dashboard.ask("subscription", str(sale.subscription), own).json()["data"]
        known._id = ""
        unsure = dashboard.ask("subscription", str(sale.subscription), own)
    desk.pool.shutdown()

    assert data["missing"] == ["Stripe gave no answer"]
    assert (data["subscription"], [one["status"] for one in data["licenses"]]) == (
        None,
        ["active"],
    )
    assert (unsure.status_code, "data" in unsure.json()) == (503, False)
