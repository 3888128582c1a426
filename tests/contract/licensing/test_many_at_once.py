"""Dozens of callers at once: nobody is told that the database is locked, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from licensekit import ApiError

from licensing.app import create_app
from tests.contract.licensing.conftest import Api, Shop, make_config
from tests.contract.licensing.serving import serving

CALLERS = 24


def at_once(api: Api, shop: Shop, act: Callable[[Shop, int], Any]) -> list[Any]:
    """What each caller got, every one with a client of its own."""

    def call(number: int) -> Any:
        with api.management() as client:
            return act(Shop(client, shop.code, shop.product_id), number)

    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(call, range(CALLERS)))


def test_many_callers_write_side_by_side(api: Api, shop: Shop) -> None:
    """Every order, subscription and license of every caller is there afterwards."""
    policy_id = shop.policy("perpetual")

    def sell(mine: Shop, number: int) -> str:
        subscription = mine.subscription(f"sub_{number}")["id"]
        order = mine.order(f"in_{number}", subscription_id=subscription)["id"]
        return str(mine.license(policy_id, order_id=order)["license"]["id"])

    sold = at_once(api, shop, sell)

    query = {"product_id": shop.product_id, "limit": 200}
    found = [row["id"] for row in shop.client.list_licenses(query=query)["data"]]
    assert found == sorted(sold, reverse=True)


def test_of_many_who_write_the_same_order_one_succeeds(api: Api, shop: Shop) -> None:
    """The others are told that it exists: 409 and never an error of the server."""

    def write(mine: Shop, _: int) -> int:
        try:
            mine.order("in_1")
        except ApiError as fault:
            return int(fault.status)
        return 201

    assert sorted(at_once(api, shop, write)) == [201] + [409] * (CALLERS - 1)


def test_no_renewal_of_many_is_lost(api: Api, shop: Shop) -> None:
    """Each adds its day to what the others left."""
    issued = shop.license(shop.policy(), expires_at="2027-01-01T00:00:00Z")
    path = {"id": issued["license"]["id"]}

    def extend(mine: Shop, number: int) -> None:
        body = {"extend_by_days": 1}
        mine.client.renew_license(path=path, body=body, idempotency_key=f"day-{number}")

    at_once(api, shop, extend)

    row = shop.client.get_license(path=path)["data"]
    assert row["expires_at"] == f"2027-01-{CALLERS + 1}T00:00:00Z"
    assert row["entitlement_version"] == CALLERS + 1


def test_no_seat_is_given_twice(api: Api, shop: Shop) -> None:
    """Each device is counted, however close together they come."""
    issued = shop.license(shop.policy("perpetual"))

    def activate(_: Shop, number: int) -> None:
        with api.runtime(issued["license_key"]) as copy:
            body = {"fingerprint": f"device-{number % 6}"}
            copy.activate_license(body=body, idempotency_key=f"a-{number}")

    at_once(api, shop, activate)

    row = shop.client.get_license(path={"id": issued["license"]["id"]})["data"]
    assert (row["active_device_count"], row["times_activated"]) == (6, 6)


def test_two_programs_may_serve_one_database(api: Api, shop: Shop) -> None:
    """What one writes the other reads, and a token of one is good at the other."""
    config = make_config(api.config.database_url, api.clock)
    with serving(create_app(config)) as base_url:
        second = Api(base_url, config, api.clock)
        with second.management() as client:
            assert client.get_product(path={"id": shop.product_id})["data"]["code"] == shop.code
