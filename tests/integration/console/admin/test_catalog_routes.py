"""What is on sale in Stripe and what LicenseKit has, side by side with the mappings."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds.office import Office
from tests.worlds.world import MONTH


def prices(products: list[dict[str, Any]]) -> dict[str, Any]:
    return {price["id"]: price["mapping"] for one in products for price in one["prices"]}


def test_each_price_is_shown_with_the_mapping_that_sells_it(office: Office) -> None:
    """Its own, its product's, or none."""
    price, policy = office.world.price("subscription", recurring=MONTH)
    unmapped = office.world.stripe.shop.price("Another", 100)

    found = prices(office.data("/catalog", fresh="true", limit="200"))

    assert (found[price]["by"], found[price]["policy_id"]) == ("price", policy.id)
    assert found[unmapped] is None


def test_a_mapping_shows_at_once_and_a_price_within_the_minute(office: Office) -> None:
    """Stripe's answer is kept for a minute, the mappings are not."""
    sold = office.world.stripe.shop.price("Kept", 100)
    office.data("/catalog", fresh="true")
    later = office.world.stripe.shop.price("Later", 100)
    policy = office.world.books.policy("perpetual")
    office.world.map(sold, policy)

    kept = prices(office.data("/catalog", limit="200"))
    office.world.clock.move(seconds=60)
    after = prices(office.data("/catalog", limit="200"))

    assert kept[sold]["policy_id"] == policy.id
    assert (later in kept, later in after) == (False, True)


@pytest.mark.parametrize("path", ["/catalog", "/licensekit/catalog"])
@pytest.mark.parametrize("limit", ["1", "2", "200"])
def test_the_pages_together_are_the_whole_catalog(office: Office, path: str, limit: str) -> None:
    """Every product once, by id, whatever the size of a page."""
    query, seen = {"limit": limit, "fresh": "false"}, list[str]()
    while True:
        body = office.get(path, **query).json()
        seen += [one["id"] for one in body["data"]]
        if body["meta"]["next_cursor"] is None:
            break
        query["cursor"] = body["meta"]["next_cursor"]

    assert seen == [one["id"] for one in office.data(path, limit="200")]
    assert seen == sorted(set(seen))


def test_licensekits_side_has_what_a_mapping_may_name(office: Office) -> None:
    """Products with their policies and features."""
    policy = office.world.books.policy("subscription")
    feature = office.world.books.feature(policy.product_id, "export")

    products = office.data("/licensekit/catalog", fresh="true", limit="200")

    (ours,) = (one for one in products if one["id"] == policy.product_id)
    assert [(one["id"], one["license_type"]) for one in ours["policies"]] == [
        (policy.id, "subscription")
    ]
    assert [(one["id"], one["code"]) for one in ours["features"]] == [(feature, "export")]


@pytest.mark.parametrize("query", [{"account": "acct_2"}, {"livemode": "true"}])
def test_an_account_or_mode_that_is_not_served_is_not_found(
    office: Office, query: dict[str, str]
) -> None:
    """Our key would answer with its own account's prices."""
    answer = office.get("/catalog", **query)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_SERVED")


def test_a_connected_account_is_asked_for_by_its_name(office: Office) -> None:
    """Each has prices of its own."""
    price = office.world.stripe.shop_of("acct_1").price("Theirs", 100)

    assert list(prices(office.data("/catalog", account="acct_1", fresh="true"))) == [price]
    assert price not in prices(office.data("/catalog", fresh="true", limit="200"))


def test_while_stripe_is_down_the_answer_says_what_that_means(office: Office) -> None:
    """503: what happened, what it means, what to do, when it heals."""
    office.world.stripe.switch(answer_500=1.0)

    answer = office.get("/catalog", fresh="true")

    office.world.stripe.switch(answer_500=0.0)
    told = answer.json()["error"]
    assert (answer.status_code, told["code"]) == (503, "SERVICE_UNAVAILABLE")
    for part in ("did not give", "Nothing was changed", "Ask again", "heals once they answer"):
        assert part in told["message"]
    assert office.get("/catalog", fresh="true").status_code == 200
