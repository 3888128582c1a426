"""Features that customers have by what they subscribe to."""

from __future__ import annotations

from typing import Any

import pytest
from stripe import StripeClient

from simulator.events import thin_twin
from simulator.shop import Shop
from simulator.stripe import Stripe

UPDATED = "entitlements.active_entitlement_summary.updated"


@pytest.fixture
def export(shop: Shop, monthly: str) -> str:
    """A feature of the monthly editor."""
    feature = shop.feature("export", "Export to PDF")
    shop.attach_feature(shop.read(monthly)["product"], feature)
    return feature


def held(client: StripeClient, customer: str | None) -> list[str]:
    """The lookup keys of what a customer has."""
    wanted: dict[str, Any] = {"customer": customer, "expand": ["data.feature"]}
    rows = client.v1.entitlements.active_entitlements.list(wanted)  # type: ignore[arg-type]
    return [row["feature"]["lookup_key"] for row in rows.to_dict()["data"]]


def told(shop: Shop) -> list[list[str]]:
    """What each event about it says that the customer has."""
    return [
        [row["lookup_key"] for row in event["data"]["object"]["entitlements"]["data"]]
        for event in shop.events()
        if event["type"] == UPDATED
    ]


def test_a_subscriber_has_the_features_of_the_product(
    client: StripeClient, shop: Shop, monthly: str, export: str
) -> None:
    """From the first payment on, and the event shows all that there is now."""
    rented = shop.subscribe(monthly)

    assert held(client, rented.customer) == ["export"]
    (event,) = [one for one in shop.events() if one["type"] == UPDATED]
    summary = event["data"]["object"]
    assert (summary["customer"], "id" in summary) == (rented.customer, False)
    assert [row["feature"] for row in summary["entitlements"]["data"]] == [export]
    assert event["data"]["previous_attributes"] == {"entitlements": {"data": []}}


def test_who_cancels_has_them_no_more(
    client: StripeClient, shop: Shop, monthly: str, export: str
) -> None:
    """The event then shows an empty list."""
    rented = shop.subscribe(monthly)

    shop.cancel(str(rented.subscription))

    assert held(client, rented.customer) == []
    assert told(shop) == [["export"], []]


def test_who_pays_late_keeps_them(
    client: StripeClient, stripe: Stripe, shop: Shop, monthly: str, export: str
) -> None:
    """Past due is not over."""
    rented = shop.subscribe(monthly)
    shop.fail_payments(str(rented.customer))

    stripe.advance(days=29)

    assert shop.read(str(rented.subscription))["status"] == "past_due"
    assert held(client, rented.customer) == ["export"]
    assert told(shop) == [["export"]]


def test_two_subscriptions_give_a_feature_once(
    client: StripeClient, shop: Shop, monthly: str, export: str
) -> None:
    """And it stays until the last of them ends."""
    first = shop.subscribe(monthly)
    shop.subscribe(monthly, customer=first.customer)

    shop.cancel(str(first.subscription))

    assert held(client, first.customer) == ["export"]
    assert told(shop) == [["export"]]


def test_a_feature_attached_later_is_given_at_once_and_taken_when_detached(
    client: StripeClient, shop: Shop, monthly: str, export: str
) -> None:
    """Through the API, as a seller's set-up script does."""
    rented = shop.subscribe(monthly)
    product = shop.read(monthly)["product"]
    feature = client.v1.entitlements.features.create({"lookup_key": "sso", "name": "SSO"})

    attached = client.v1.products.features.create(product, {"entitlement_feature": feature.id})
    with_both = held(client, rented.customer)
    gone = client.v1.products.features.delete(product, attached.id)

    assert (with_both, held(client, rented.customer)) == (["export", "sso"], ["export"])
    assert gone.to_dict() == {"id": attached.id, "object": "product_feature", "deleted": True}
    rows = client.v1.products.features.list(product).data
    assert [row.entitlement_feature.lookup_key for row in rows] == ["export"]
    assert told(shop) == [["export"], ["export", "sso"], ["export"]]


def test_a_story_can_detach_a_feature(
    client: StripeClient, shop: Shop, monthly: str, export: str
) -> None:
    """By the same two ids by which it was attached."""
    rented = shop.subscribe(monthly)

    shop.detach_feature(shop.read(monthly)["product"], export)

    assert held(client, rented.customer) == []


def test_many_features_are_listed_page_by_page(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """The event shows ten and says that there are more."""
    product = shop.read(monthly)["product"]
    for number in range(12):
        shop.attach_feature(product, shop.feature(f"f{number:02}", f"Feature {number}"))
    rented = shop.subscribe(monthly)

    pages = client.v1.entitlements.active_entitlements.list(
        {"customer": str(rented.customer), "limit": 5}
    )

    keys = [row.lookup_key for row in pages.auto_paging_iter()]
    assert keys == [f"f{number:02}" for number in range(12)]
    event = next(one for one in shop.events() if one["type"] == UPDATED)
    entitlements = event["data"]["object"]["entitlements"]
    assert (len(entitlements["data"]), entitlements["has_more"]) == (10, True)


def test_the_thin_twin_of_a_summary_names_no_object(
    stripe: Stripe, shop: Shop, monthly: str, export: str
) -> None:
    """There is nothing to read by an id."""
    shop.subscribe(monthly)
    (event,) = [one for one in shop.events() if one["type"] == UPDATED]

    assert thin_twin(shop.books, event)["related_object"] is None
