"""What the check tells of the webhook endpoint that is registered in Stripe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from console.doctor.endpoint_look import look_at_endpoints
from shared.events.routing import ROUTES
from tests.integration.console.healthy import PUBLIC, House, register_endpoint

SOME = sorted(set(ROUTES) - {"invoice.paid", "charge.refunded"})


@pytest.fixture(autouse=True)
def bare(house: House) -> Iterator[House]:
    """No endpoint at all, before and after."""
    house.shop.stripe.forget_endpoints()
    yield house
    house.shop.stripe.forget_endpoints()


def register(house: House, **form: Any) -> str:
    return register_endpoint(house.stripe_url, **form)


def disable(house: House, endpoint_id: str) -> None:
    httpx.post(
        f"{house.stripe_url}/v1/webhook_endpoints/{endpoint_id}",
        data={"disabled": "true"},
        headers={"Authorization": "Bearer sk_test_simulator"},
        trust_env=False,
    ).raise_for_status()


def test_an_endpoint_that_sends_all_is_fine_in_any_api_version(house: House) -> None:
    """Of an event only ids are used, so the version is shown and not judged."""
    endpoint = register(house, api_version="2020-08-27")

    assert house.one(look_at_endpoints) == (
        "ok",
        f"{endpoint}, API version 2020-08-27, enabled, sends all that we listen to",
    )


def test_without_an_endpoint_nothing_is_delivered(house: House) -> None:
    """One for another address is none of ours."""
    register(house, address="https://elsewhere.example.com")

    status, told = house.one(look_at_endpoints)

    assert status == "fail"
    assert f"no endpoint is registered for {PUBLIC}/stripe/webhook" in told
    assert '"fulfill check --fix"' in told


def test_pain_25_an_endpoint_that_stripe_switched_off_fails_the_check(house: House) -> None:
    """Stripe switches an endpoint off that failed for days, and nobody hears of it."""
    disable(house, register(house))

    status, told = house.one(look_at_endpoints)

    assert status == "fail"
    assert "disabled, so Stripe delivers nothing" in told


def test_types_that_are_not_sent_are_named(house: House) -> None:
    """They were not ticked, or came with a later release of ours."""
    register(house, **{"enabled_events[]": SOME})

    status, told = house.one(look_at_endpoints)

    assert status == "fail"
    assert "does not send charge.refunded, invoice.paid, so" in told


def test_types_that_we_do_not_listen_to_are_harmless(house: House) -> None:
    """They are answered and ignored."""
    register(house, **{"enabled_events[]": [*ROUTES, "payout.paid"]})

    status, told = house.one(look_at_endpoints)

    assert status == "ok"
    assert "1 more are sent, which is harmless" in told


def test_a_star_sends_all(house: House) -> None:
    """As `stripe listen` and the simulator have it."""
    register(house, **{"enabled_events[]": ["*"]})

    assert house.one(look_at_endpoints)[0] == "ok"


def test_two_endpoints_with_our_address_are_told(house: House) -> None:
    """Each signs with a secret of its own, and each event comes twice."""
    register(house)
    register(house)

    *single, both = house.look(look_at_endpoints)

    assert [one.status for one in single] == ["ok", "ok"]
    assert (both.status, "2 with the same address" in both.told) == ("warn", True)


def test_connected_accounts_need_a_connect_endpoint(house: House) -> None:
    """An account's own endpoint hears nothing of what happens in connected ones."""
    register(house)
    with_accounts = {"STRIPE_ACCOUNTS": "acct_theirs"}

    own, connect = house.look(look_at_endpoints, **with_accounts)
    assert (own.status, connect.status) == ("ok", "fail")
    assert "no connect endpoint is registered" in connect.told

    register(house, connect="true")
    assert [one.status for one in house.look(look_at_endpoints, **with_accounts)] == ["ok", "ok"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"STRIPE_PUBLIC_BASE_URL": None}, "STRIPE_PUBLIC_BASE_URL is not set"),
        ({"STRIPE_SECRET_KEY": "rk_test_blind"}, "the key may not read webhook endpoints"),
    ],
)
def test_what_can_not_be_compared_is_a_warning(
    house: House, changes: dict[str, str | None], told: str
) -> None:
    """Deliveries may come all the same."""
    house.shop.stripe.add_key("rk_test_blind", [])

    status, text = house.one(look_at_endpoints, **changes)

    assert status == "warn"
    assert told in text
