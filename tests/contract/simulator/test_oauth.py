"""Stripe Apps OAuth as Stripe's documentation tells it: links, codes, tokens, and their ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from simulator.server import serve
from simulator.stripe import Stripe

GUEST = "acct_1Guest"
BACK = "https://app.example.com/back"
Answer = dict[str, Any]


class Developer:
    """The app's owner, who follows links and exchanges codes."""

    def __init__(self, stripe: Stripe, client: httpx.Client) -> None:
        self.stripe = stripe
        self.client = client

    def code(self, mode: str = "test") -> str:
        query = {"client_id": f"ca_{mode}_simulator", "redirect_uri": BACK, "state": "s"}
        sent = self.client.get("/oauth/v2/authorize", params=query)
        found = parse_qs(urlsplit(sent.headers["location"]).query)
        assert (sent.status_code, found["state"]) == (302, ["s"])
        return found["code"][0]

    def ask(self, key: str = "sk_test_simulator", **form: str) -> httpx.Response:
        return self.client.post("/v1/oauth/token", data=form, auth=(key, ""))

    def exchange(self, code: str, key: str = "sk_test_simulator") -> httpx.Response:
        return self.ask(key, grant_type="authorization_code", code=code)

    def refresh(self, token: str, key: str = "sk_test_simulator") -> httpx.Response:
        return self.ask(key, grant_type="refresh_token", refresh_token=token)

    def customers(self, token: str, **headers: str) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {token}", **headers}
        return self.client.get("/v1/customers", headers=bearer)


@pytest.fixture
def developer() -> Iterator[Developer]:
    stripe = Stripe(seed=1)
    stripe.sign_in(GUEST)
    with serve(stripe) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield Developer(stripe, client)


def error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_a_code_becomes_tokens_for_the_account_that_followed_the_link(developer: Developer) -> None:
    """In the mode of the link; and the access token reads that account alone."""
    developer.stripe.shop_of(GUEST).customer(email="ada@example.com")

    granted = developer.exchange(developer.code()).json()
    read = developer.customers(granted["access_token"]).json()

    assert (granted["stripe_user_id"], granted["livemode"], granted["scope"]) == (
        GUEST,
        False,
        "stripe_apps",
    )
    assert [one["email"] for one in read["data"]] == ["ada@example.com"]


def test_a_code_is_good_once_for_five_minutes_and_in_its_mode(developer: Developer) -> None:
    """Whatever is wrong with it, the word is the same."""
    used, old, live = developer.code(), developer.code(), developer.code("live")
    developer.exchange(used)

    refused = [developer.exchange(used), developer.exchange(live), developer.exchange("ac_none")]
    developer.stripe.advance(seconds=301)
    refused.append(developer.exchange(old))

    assert {error(one) for one in refused} == {(400, "invalid_grant")}


def test_a_refresh_token_rolls_and_an_old_one_is_refused(developer: Developer) -> None:
    """Each use gives the next."""
    first = developer.exchange(developer.code()).json()

    second = developer.refresh(first["refresh_token"]).json()

    assert second["refresh_token"] != first["refresh_token"]
    assert error(developer.refresh(first["refresh_token"])) == (400, "invalid_grant")
    assert developer.refresh(second["refresh_token"]).status_code == 200


def test_an_access_token_lives_for_an_hour(developer: Developer) -> None:
    """Of the simulator's clock."""
    token = developer.exchange(developer.code()).json()["access_token"]
    developer.stripe.advance(seconds=3599)
    before = developer.customers(token).status_code
    developer.stripe.advance(seconds=1)

    after = developer.customers(token)

    assert (before, after.status_code) == (200, 401)
    assert after.json()["error"]["code"] == "api_key_expired"


def test_an_access_token_names_no_account_beside(developer: Developer) -> None:
    """It stands for one already."""
    token = developer.exchange(developer.code()).json()["access_token"]

    answer = developer.customers(token, **{"Stripe-Account": GUEST})

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "account_invalid")


@pytest.mark.parametrize(
    ("key", "status"), [("sk_test_nobody", 401), ("rk_test_simulator", 403), ("", 401)]
)
def test_only_the_developers_secret_key_may_ask(
    developer: Developer, key: str, status: int
) -> None:
    """No restricted key and no access token will do."""
    answer = developer.exchange(developer.code(), key)

    assert answer.status_code == status


def test_uninstalling_voids_all_tokens_and_tells_the_app(developer: Developer) -> None:
    """The event names the account and the application."""
    granted = developer.exchange(developer.code()).json()

    developer.stripe.uninstall(GUEST)

    told = developer.stripe.shop_of(GUEST).events()[-1]
    assert (told["type"], told["account"]) == ("account.application.deauthorized", GUEST)
    assert told["data"]["object"]["object"] == "application"
    assert developer.customers(granted["access_token"]).status_code == 401
    assert error(developer.refresh(granted["refresh_token"])) == (400, "invalid_grant")


def test_a_link_that_nobody_gave_out_leads_nowhere(developer: Developer) -> None:
    """Nor does one without an address to come back to."""
    answers = [
        developer.client.get("/oauth/v2/authorize", params={"client_id": "ca_1"}),
        developer.client.get("/oauth/v2/authorize", params={"client_id": "ca_test_simulator"}),
        developer.ask(grant_type="password"),
    ]

    assert [one.status_code for one in answers] == [400, 400, 400]
