"""Subscriptions through the real SDK: facts of the shop, with a period that is never missing."""

from __future__ import annotations

import pytest
from licensekit import ManagementClient

from tests.contract.licensing.conftest import Shop
from tests.contract.licensing.refusals import refused

ENDED = "2026-11-20T00:00:00Z"


def test_a_subscription_is_kept_as_it_was_written(client: ManagementClient, shop: Shop) -> None:
    """It renews unless it says otherwise, and it has no end unless it was canceled."""
    customer_id = shop.customer()

    created = shop.subscription(customer_id=customer_id)

    assert created["id"].startswith("sub_")
    assert created["customer_id"] == customer_id
    assert created["cancel_at_period_end"] is False
    assert "canceled_at" not in created
    assert client.get_subscription(path={"id": created["id"]})["data"] == created


@pytest.mark.parametrize("missing", ["current_period_start", "current_period_end"])
def test_a_subscription_needs_both_ends_of_its_period(
    client: ManagementClient, shop: Shop, missing: str
) -> None:
    """Without the paid period nobody could tell until when it runs."""
    body = {
        "external_system": "stripe",
        "external_id": "sub_1",
        "status": "active",
        "current_period_start": "2026-11-01T00:00:00Z",
        "current_period_end": "2026-12-01T00:00:00Z",
    }
    del body[missing]

    with refused(422, "VALIDATION_ERROR", missing):
        client.create_subscription(path={"id": shop.product_id}, body=body)


def test_a_period_does_not_end_before_it_starts(client: ManagementClient, shop: Shop) -> None:
    """The rule holds for what is stored after a change."""
    created = shop.subscription()
    body = {"current_period_end": "2026-10-01T00:00:00Z"}

    with refused(422, "VALIDATION_ERROR", "before"):
        client.update_subscription(path={"id": created["id"]}, body=body)


def test_only_a_canceled_subscription_has_a_day_of_cancellation(
    client: ManagementClient, shop: Shop
) -> None:
    """canceled_at goes with the status canceled and with no other."""
    with refused(422, "VALIDATION_ERROR", "canceled_at"):
        shop.subscription(canceled_at=ENDED)

    created = shop.subscription(status="canceled", canceled_at=ENDED)

    assert created["canceled_at"] == ENDED


def test_canceling_later_takes_status_and_day_together(
    client: ManagementClient, shop: Shop
) -> None:
    """A PATCH may bring both; the day alone is refused while the subscription is active."""
    path = {"id": shop.subscription()["id"]}

    with refused(422, "VALIDATION_ERROR", "canceled_at"):
        client.update_subscription(path=path, body={"canceled_at": ENDED})
    body = {"status": "canceled", "canceled_at": ENDED}
    changed = client.update_subscription(path=path, body=body)["data"]

    assert (changed["status"], changed["canceled_at"]) == ("canceled", ENDED)


def test_a_revived_subscription_forgets_its_cancellation(
    client: ManagementClient, shop: Shop
) -> None:
    """Leaving the status canceled clears canceled_at."""
    path = {"id": shop.subscription(status="canceled", canceled_at=ENDED)["id"]}

    revived = client.update_subscription(path=path, body={"status": "active"})["data"]

    assert "canceled_at" not in revived


def test_the_same_subscription_is_kept_once(client: ManagementClient, shop: Shop) -> None:
    """External system and id name it within its product: a repeat is a conflict."""
    shop.subscription("sub_1")

    with refused(409, "CONFLICT", "external_id"):
        shop.subscription("sub_1")
    Shop.open(client, f"{shop.code}-other").subscription("sub_1")


def test_an_empty_id_clears_the_customer(client: ManagementClient, shop: Shop) -> None:
    """PATCH with an empty customer_id takes the link away."""
    created = shop.subscription(customer_id=shop.customer())

    body = {"customer_id": ""}
    cleared = client.update_subscription(path={"id": created["id"]}, body=body)["data"]

    assert "customer_id" not in cleared


def test_subscriptions_are_listed_below_their_product(client: ManagementClient, shop: Shop) -> None:
    """Newest first, and only this product's."""
    first, second = shop.subscription("sub_1"), shop.subscription("sub_2")
    Shop.open(client, f"{shop.code}-other").subscription("sub_3")

    rows = client.list_product_subscriptions(path={"id": shop.product_id})["data"]

    assert rows == [second, first]


def test_stripes_own_statuses_are_not_licensekits(shop: Shop) -> None:
    """LicenseKit knows five statuses; incomplete and unpaid are not among them."""
    for status in ("incomplete", "incomplete_expired", "unpaid"):
        with refused(422, "VALIDATION_ERROR"):
            shop.subscription(status=status)
