"""Orders through the real SDK: facts of the shop, with checked links and periods."""

from __future__ import annotations

import pytest
from licensekit import ManagementClient

from tests.contract.licensing.conftest import Shop
from tests.contract.licensing.refusals import refused

NOVEMBER = {"period_start": "2026-11-01T00:00:00Z", "period_end": "2026-12-01T00:00:00Z"}


def test_an_order_is_kept_as_it_was_written(client: ManagementClient, shop: Shop) -> None:
    """Links, period and metadata come back; nothing is billed or prorated."""
    customer, subscription = shop.customer(), shop.subscription()
    links = {"customer_id": customer, "subscription_id": subscription["id"]}

    order = shop.order(metadata={"amount": 1900}, **links, **NOVEMBER)

    assert order["id"].startswith("ord_")
    assert order["product_id"] == shop.product_id
    assert {name: order[name] for name in links | NOVEMBER} == links | NOVEMBER
    assert client.get_order(path={"id": order["id"]})["data"] == order


@pytest.mark.parametrize("name", ["period_start", "period_end"])
def test_half_a_period_is_no_period(shop: Shop, name: str) -> None:
    """An order has both period fields or none."""
    with refused(422, "VALIDATION_ERROR", "together"):
        shop.order(**{name: NOVEMBER[name]})


def test_a_period_does_not_end_before_it_starts(shop: Shop) -> None:
    """Swapped dates are a mistake and not a period."""
    swapped = dict(zip(NOVEMBER, reversed(NOVEMBER.values()), strict=True))

    with refused(422, "VALIDATION_ERROR", "before"):
        shop.order(**swapped)


def test_a_stored_period_can_be_moved_at_one_end(client: ManagementClient, shop: Shop) -> None:
    """What counts is the order after the change: it has both ends."""
    order = shop.order(**NOVEMBER)
    later = {"period_end": "2027-01-01T00:00:00Z"}

    changed = client.update_order(path={"id": order["id"]}, body=later)["data"]

    assert changed["period_start"] == NOVEMBER["period_start"]
    assert changed["period_end"] == later["period_end"]


def test_the_same_sale_is_one_order(client: ManagementClient, shop: Shop) -> None:
    """External system and id name an order within its product: a repeat is a conflict."""
    shop.order("in_1")

    with refused(409, "CONFLICT", "external_id"):
        shop.order("in_1")
    Shop.open(client, f"{shop.code}-other").order("in_1")
    shop.order("in_1", external_system="paddle")


def test_the_external_id_can_not_be_changed_to_one_that_is_taken(
    client: ManagementClient, shop: Shop
) -> None:
    """The rule of one order for one sale holds for changes, too."""
    shop.order("in_1")
    second = shop.order("in_2")

    with refused(409, "CONFLICT", "external_id"):
        client.update_order(path={"id": second["id"]}, body={"external_id": "in_1"})


def test_an_empty_id_clears_a_link(client: ManagementClient, shop: Shop) -> None:
    """PATCH with an empty customer_id or subscription_id takes the link away."""
    links = {"customer_id": shop.customer(), "subscription_id": shop.subscription()["id"]}
    order = shop.order(**links)

    cleared = client.update_order(path={"id": order["id"]}, body=dict.fromkeys(links, ""))["data"]

    assert not links.keys() & cleared.keys()


def test_an_order_never_links_into_another_product(client: ManagementClient, shop: Shop) -> None:
    """A subscription of another product is refused, on creating and on changing."""
    foreign = Shop.open(client, f"{shop.code}-other").subscription()["id"]
    order = shop.order()

    with refused(422, "VALIDATION_ERROR", "another product"):
        shop.order("in_2", subscription_id=foreign)
    with refused(422, "VALIDATION_ERROR", "another product"):
        client.update_order(path={"id": order["id"]}, body={"subscription_id": foreign})


def test_a_link_to_nothing_is_refused(shop: Shop) -> None:
    """An order can't name a customer or a subscription that does not exist."""
    with refused(404, "NOT_FOUND", "customer was not found"):
        shop.order(customer_id="cust_unknown")
    with refused(404, "NOT_FOUND", "subscription was not found"):
        shop.order(subscription_id="sub_unknown")


def test_the_status_is_what_the_shop_says(client: ManagementClient, shop: Shop) -> None:
    """No step is forced: a refunded order may be paid again."""
    path = {"id": shop.order()["id"]}

    for status in ("refunded", "paid", "pending", "canceled", "fulfilled"):
        changed = client.update_order(path=path, body={"status": status})["data"]
        assert changed["status"] == status


def test_orders_are_listed_below_their_product(client: ManagementClient, shop: Shop) -> None:
    """Newest first, and only this product's."""
    first, second = shop.order("in_1"), shop.order("in_2")
    Shop.open(client, f"{shop.code}-other").order("in_3")

    rows = client.list_product_orders(path={"id": shop.product_id})["data"]

    assert rows == [second, first]
