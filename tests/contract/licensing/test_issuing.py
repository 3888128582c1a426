"""New licenses through the real SDK: terms by type, links in one product, a key shown once."""

from __future__ import annotations

import pytest
from licensekit import ManagementClient

from tests.contract.licensing.conftest import Shop
from tests.contract.licensing.refusals import refused

UNTIL = "2027-01-01T00:00:00Z"


def test_a_license_key_is_shown_once_and_never_again(client: ManagementClient, shop: Shop) -> None:
    """Later only its first and last characters are shown, enough to recognise it."""
    issued = shop.license(shop.policy("perpetual"))
    key, issued_license = issued["license_key"], issued["license"]

    later = client.get_license(path={"id": issued_license["id"]})["data"]

    assert later == issued_license
    assert key.startswith(later["license_key_prefix"])
    assert key.endswith(later["license_key_last4"])
    assert key not in str(later)


def test_every_license_gets_a_key_of_its_own(shop: Shop) -> None:
    """Creating is not idempotent: the same request twice is two licenses."""
    policy_id = shop.policy("perpetual")

    first, second = shop.license(policy_id), shop.license(policy_id)

    assert first["license_key"] != second["license_key"]
    assert first["license"]["id"] < second["license"]["id"]


@pytest.mark.parametrize("license_type", ["time_limited", "subscription", "trial"])
def test_a_license_that_ends_needs_the_day(shop: Shop, license_type: str) -> None:
    """Its end is never guessed from the policy."""
    policy_id = shop.policy(license_type)

    with refused(422, "VALIDATION_ERROR", "expires_at is required"):
        shop.license(policy_id)

    assert shop.license(policy_id, expires_at=UNTIL)["license"]["expires_at"] == UNTIL


def test_a_perpetual_license_never_ends_but_its_maintenance_may(shop: Shop) -> None:
    """It takes no expires_at; it alone takes maintenance_expires_at."""
    perpetual = shop.policy("perpetual")

    with refused(422, "VALIDATION_ERROR", "no expires_at"):
        shop.license(perpetual, expires_at=UNTIL)
    with refused(422, "VALIDATION_ERROR", "only for perpetual"):
        shop.license(shop.policy(), expires_at=UNTIL, maintenance_expires_at=UNTIL)

    issued = shop.license(perpetual, maintenance_expires_at=UNTIL)["license"]
    assert issued["maintenance_expires_at"] == UNTIL


def test_a_consumption_license_may_end_or_not(shop: Shop) -> None:
    """Its limit is what is used, so an end is allowed and not required."""
    policy_id = shop.policy("consumption")

    assert "expires_at" not in shop.license(policy_id)["license"]
    assert shop.license(policy_id, expires_at=UNTIL)["license"]["expires_at"] == UNTIL


def test_a_license_does_not_end_before_it_starts(shop: Shop) -> None:
    """Start and end in the wrong order are a mistake."""
    with refused(422, "VALIDATION_ERROR", "after starts_at"):
        shop.license(shop.policy(), starts_at=UNTIL, expires_at=UNTIL)


def test_the_subscription_of_an_order_becomes_the_licenses(shop: Shop) -> None:
    """Named or not, the order's subscription is stored as the license's origin."""
    subscription = shop.subscription()["id"]
    order = shop.order(subscription_id=subscription)["id"]
    policy_id = shop.policy("perpetual")

    inferred = shop.license(policy_id, order_id=order)["license"]
    named = shop.license(policy_id, order_id=order, subscription_id=subscription)["license"]

    assert (inferred["order_id"], inferred["subscription_id"]) == (order, subscription)
    assert (named["order_id"], named["subscription_id"]) == (order, subscription)


def test_order_and_subscription_of_a_license_must_belong_together(shop: Shop) -> None:
    """Another subscription than the order's is refused."""
    order = shop.order(subscription_id=shop.subscription("sub_1")["id"])["id"]
    other = shop.subscription("sub_2")["id"]

    with refused(422, "VALIDATION_ERROR", "another subscription"):
        shop.license(shop.policy("perpetual"), order_id=order, subscription_id=other)


def test_a_license_links_nothing_of_another_product(client: ManagementClient, shop: Shop) -> None:
    """Policy, order and subscription are all of the license's own product."""
    other, policy_id = Shop.open(client, f"{shop.code}-other"), shop.policy("perpetual")

    with refused(422, "VALIDATION_ERROR", "policy belongs to another product"):
        shop.license(other.policy("perpetual"))
    with refused(422, "VALIDATION_ERROR", "order belongs to another product"):
        shop.license(policy_id, order_id=other.order()["id"])
    with refused(422, "VALIDATION_ERROR", "subscription belongs to another product"):
        shop.license(policy_id, subscription_id=other.subscription()["id"])


@pytest.mark.parametrize("name", ["customer_id", "order_id", "subscription_id"])
def test_a_license_links_nothing_that_does_not_exist(shop: Shop, name: str) -> None:
    """An unknown id is not found."""
    with refused(404, "NOT_FOUND"):
        shop.license(shop.policy("perpetual"), **{name: "unknown"})


def test_a_refused_license_leaves_nothing_behind(client: ManagementClient, shop: Shop) -> None:
    """All of a request happens or nothing does."""
    with refused(404, "NOT_FOUND"):
        shop.license(shop.policy("perpetual"), order_id="unknown")

    query = {"product_id": shop.product_id}
    assert client.list_licenses(query=query)["data"] == []
