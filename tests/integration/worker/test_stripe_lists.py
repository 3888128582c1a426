"""Stripe's long lists, a page at a time, with each object as Stripe sent it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from shared.accounts import ServedAccount
from shared.secrets import Secret
from tests.worlds.scripted import Answer, Script, stripe_fault
from worker.errors import NotFound, PermanentError, TemporaryError
from worker.gateways.stripe import StripeGateway
from worker.gateways.stripe_client import TokenOf
from worker.gateways.stripe_lists import ListPage, StripeLists

TOKEN = "rk_test_a_token_that_nobody_may_see"
PARTNER = ServedAccount("acct_1", False)


@pytest.fixture
def lists(told_stripe: StripeGateway) -> StripeLists:
    return told_stripe.lists


def page(*ids: str, more: bool = False) -> Answer:
    return Answer(200, {"object": "list", "data": [{"id": one} for one in ids], "has_more": more})


def test_the_first_page_is_asked_for_as_large_as_stripe_gives_it(
    lists: StripeLists, script: Script
) -> None:
    """And without a name of an account: it is our own."""
    script.says(page("in_2", "in_1"))

    found = lists.page("", "/v1/invoices", {"created": {"gte": 5}, "status": "paid"})

    (asked,) = script.asked
    assert (asked.method, asked.path) == ("GET", "/v1/invoices")
    assert asked.query == {"created[gte]": "5", "status": "paid", "limit": "100"}
    assert "stripe-account" not in asked.headers
    assert [json.loads(row) for row in found.rows] == [{"id": "in_2"}, {"id": "in_1"}]


def test_the_next_page_begins_after_the_last_object(lists: StripeLists, script: Script) -> None:
    """Of a connected account, which is named."""
    script.says(page("in_1"))

    lists.page("acct_1", "/v1/invoices", {}, after="in_2", limit=1)

    (asked,) = script.asked
    assert asked.query == {"limit": "1", "starting_after": "in_2"}
    assert asked.headers["stripe-account"] == "acct_1"


@pytest.mark.parametrize(
    ("answer", "last"),
    [
        (page("in_2", "in_1", more=True), "in_1"),
        (page("in_2", "in_1"), None),
        (page(), None),
        (page(more=True), None),  # nothing to go on after
        (Answer(200, {"data": [{"id": "in_1"}]}), None),
    ],
    ids=["more", "the last", "empty", "empty and more", "no word of more"],
)
def test_a_page_says_what_the_next_one_comes_after(
    lists: StripeLists, script: Script, answer: Answer, last: str | None
) -> None:
    """None at the end, so that a list ends whatever Stripe says."""
    script.says(answer)

    assert lists.page("", "/v1/invoices", {}).last == last


def test_an_object_comes_out_byte_by_byte(lists: StripeLists, script: Script) -> None:
    """Numbers, order and letters as they were: an event is kept as it would have been delivered."""
    row = '{"id":"evt_1",  "b":1.0,"a":"Zoë \\u00e9 🙂","big":12345678901234567890}'
    script.says(Answer(200, f'{{"data":[{row}],"has_more":false}}'))

    assert lists.page("", "/v1/events", {}) == ListPage([row.encode()], None)


@pytest.mark.parametrize(
    ("fault", "family"),
    [
        (stripe_fault(404, type="invalid_request_error", message="No such event"), NotFound),
        (stripe_fault(400, type="invalid_request_error", message="No such in_9"), PermanentError),
        (stripe_fault(401, type="invalid_request_error", message="Bad key"), TemporaryError),
        (stripe_fault(429, type="invalid_request_error", message="Slow down"), TemporaryError),
        (stripe_fault(503, type="api_error", message="Down"), TemporaryError),
        (Answer(200, "<html>a proxy's page</html>"), TemporaryError),
        (Answer(200, {"object": "invoice"}), TemporaryError),
        (Answer(200, {"data": [{"no": "id"}], "has_more": True}), TemporaryError),
        (Answer(200, {"data": None}), TemporaryError),
    ],
    ids=["404", "400", "401", "429", "503", "a page", "no list", "no ids", "null"],
)
def test_whatever_goes_wrong_is_an_error_of_ours(
    lists: StripeLists, script: Script, fault: Answer, family: type[Exception]
) -> None:
    """So that one account's trouble stops no other, and no sweep dies of it."""
    script.says(fault)

    with pytest.raises(family) as met:
        lists.page("", "/v1/events", {})

    assert type(met.value) is family


@pytest.fixture
def refusals() -> list[str]:
    """How often the owner of the token heard that it was refused."""
    return []


@pytest.fixture
def installed(script: Script, refusals: list[str]) -> Iterator[StripeLists]:
    """With the token of an account that installed our app."""
    token_of = TokenOf(PARTNER, lambda: refusals.append("refused"))
    gateway = StripeGateway(Secret(TOKEN), script.url, token_of=token_of)
    yield gateway.lists
    gateway.close()


def test_a_token_stands_for_its_account_so_no_header_names_one(
    installed: StripeLists, script: Script, refusals: list[str]
) -> None:
    """Stripe refuses a token together with the name of an account."""
    script.says(page())

    installed.page("acct_1", "/v1/events", {})

    assert "stripe-account" not in script.asked[0].headers
    assert refusals == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(401, {"error": {"code": "token_expired"}}), "(401, token_expired)"),
        (Answer(403, {"error": {"type": "invalid_request_error"}}), "(403, invalid_request_error)"),
        (Answer(401, {"error": {"message": f"Bad token: {TOKEN}"}}), "(401)"),
        (Answer(401, {"error": TOKEN}), "(401)"),
        (Answer(401, {}), "(401)"),
        (Answer(401, [TOKEN]), "(401)"),
        (Answer(403, f"<html>{TOKEN}</html>"), "(403)"),
    ],
    ids=["by code", "by type", "quoting it", "a text", "nothing", "a list", "a page"],
)
def test_a_refused_token_is_told_without_it_and_heals_by_itself(
    installed: StripeLists, script: Script, refusals: list[str], answer: Answer, told: str
) -> None:
    """Our own key is not at fault, and whoever keeps the tokens hears of it."""
    script.says(answer)

    with pytest.raises(TemporaryError) as met:
        installed.page("acct_1", "/v1/events", {})

    assert str(met.value) == (
        f"Stripe refused the access token of acct_1/test, which installed our app {told}. The "
        "sale waits and loses nothing, and STRIPE_SECRET_KEY is not at fault. A new token is "
        "fetched at the next try; if the app was uninstalled there, the account is closed then. "
        "If this stays, the app lacks a permission: see docs/8-stripe-app.md, and have the "
        "account install it again."
    )
    assert met.value.after_seconds == 5.0
    assert refusals == ["refused"]
