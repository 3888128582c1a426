"""What Stripe's token endpoint may answer, and what comes of each answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from shared.accounts import ServedAccount
from shared.secrets import Secret
from shared.settings import Settings
from worker.errors import PermanentError, TemporaryError
from worker.gateways.stripe_oauth import ACCESS_SECONDS, Grant, GrantRefused, StripeOAuth

PAIR = (
    '{"stripe_user_id": "acct_1", "livemode": false, "scope": "stripe_apps", '
    '"access_token": "oat_secret", "refresh_token": "ort_secret"%s}'
)
KEYS = {False: Secret("sk_test_secret"), True: Secret("")}


@contextmanager
def answering(status: int, body: str) -> Iterator[tuple[str, list[bytes]]]:
    """A server that says the same to everybody, and keeps what it was asked."""
    heard: list[bytes] = []

    class Says(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("request-id", "req_9")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *words: object) -> None:
            """Silent."""

    with HTTPServer(("127.0.0.1", 0), Says) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", heard
        finally:  # also where the answer was refused: else its thread spins until the tests end
            server.shutdown()
            thread.join()


def exchange(status: int, body: str) -> Grant:
    with answering(status, body) as (url, _heard):
        return StripeOAuth(url, KEYS).exchange(Secret("ac_secret"), livemode=False)


@pytest.mark.parametrize(
    ("more", "seconds"),
    [("", ACCESS_SECONDS), (', "expires_in": 60', 60), (', "expires_in": null', ACCESS_SECONDS)],
)
def test_a_pair_of_tokens_comes_with_its_account_mode_and_life(more: str, seconds: int) -> None:
    """An hour, as Stripe's documentation has it, where the answer does not say."""
    grant = exchange(200, PAIR % more)

    assert grant.which == ServedAccount("acct_1", False)
    assert (grant.scope, grant.access_seconds) == ("stripe_apps", seconds)
    assert (grant.access_token.reveal(), grant.refresh_token.reveal()) == (
        "oat_secret",
        "ort_secret",
    )
    assert "secret" not in repr(grant)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>",
        "[]",
        "null",
        "{}",
        '{"stripe_user_id": "acct_1", "livemode": false}',
        PAIR % ', "expires_in": "soon"',
        PAIR % ', "expires_in": {"s": 1}',
    ],
)
def test_an_answer_without_tokens_is_asked_for_again(body: str) -> None:
    """A proxy in between may say anything with a 200."""
    with pytest.raises(TemporaryError, match="without tokens"):
        exchange(200, body)


def test_a_refused_grant_is_final_and_carries_stripes_request_id() -> None:
    """The same code will never be taken again: its account is closed, or its page says so."""
    with pytest.raises(GrantRefused) as refused:
        exchange(400, '{"error": "invalid_grant", "error_description": "ac_secret was used"}')

    assert (refused.value.cause, refused.value.request_id) == ("account_closed", "req_9")
    assert "ac_secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, "{}"),
        (403, '{"error": {"code": "forbidden"}}'),
        (400, '{"error": "invalid_client"}'),
        (400, '{"error": {"type": "unauthorized_client"}}'),
    ],
)
def test_a_refused_key_is_our_fault_and_closes_nobody(status: int, body: str) -> None:
    """It names the setting, waits for a minute, and is no PermanentError."""
    with pytest.raises(TemporaryError, match="STRIPE_APP_TEST_CLIENT_SECRET") as refused:
        exchange(status, body)

    told = str(refused.value)
    assert "was refused by Stripe's token endpoint" in told
    assert all(part in told for part in ("wait and lose nothing", "Set ", "by themselves"))
    assert (refused.value.after_seconds, "sk_test_secret" in told) == (60.0, False)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (500, "", "answered 500."),
        (503, "<html>", "answered 503."),
        (429, '{"error": {"code": "rate_limit"}}', "answered 429 (rate_limit)."),
        (400, '{"error": "temporarily_unavailable"}', "answered 400 (temporarily_unavailable)."),
        (302, '{"error": 7}', "answered 302."),
        (400, '{"error": {"message": "ort_secret is odd"}}', "answered 400."),
    ],
)
def test_any_other_answer_is_tried_again(status: int, body: str, told: str) -> None:
    """Its code is told, and never the sentence beside it."""
    with pytest.raises(TemporaryError) as failed:
        exchange(status, body)

    assert told in str(failed.value)
    assert "ort_secret" not in str(failed.value)
    assert failed.value.request_id == "req_9"


def test_a_mode_without_a_key_is_not_even_asked() -> None:
    """The name of the setting that lacks, and no request."""
    with (
        answering(200, PAIR % "") as (url, heard),
        pytest.raises(TemporaryError, match="STRIPE_APP_CLIENT_SECRET"),
    ):
        StripeOAuth(url, KEYS).refresh(Secret("ort_1"), livemode=True)

    assert heard == []


def test_a_code_and_a_refresh_token_are_each_sent_as_what_they_are() -> None:
    """RFC 6749, sections 4.1.3 and 6."""
    with answering(200, PAIR % "") as (url, heard):
        oauth = StripeOAuth(url, KEYS)
        oauth.exchange(Secret("ac_1"), livemode=False)
        oauth.refresh(Secret("ort_1"), livemode=False)

    assert heard == [
        b"grant_type=authorization_code&code=ac_1",
        b"grant_type=refresh_token&refresh_token=ort_1",
    ]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"STRIPE_SECRET_KEY": "sk_test_1"}, {False: "sk_test_1", True: ""}),
        ({"STRIPE_SECRET_KEY": "rk_test_1"}, {False: "", True: ""}),
        ({"STRIPE_SECRET_KEY": "sk_live_1"}, {False: "", True: "sk_live_1"}),
        (
            {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_APP_TEST_CLIENT_SECRET": "sk_test_2"},
            {False: "sk_test_2", True: ""},
        ),
    ],
    ids=["ours", "restricted", "live", "the owner's"],
)
def test_the_key_of_each_mode_is_the_owners_or_ours_where_it_may_be(
    make_settings: Callable[..., Settings], given: dict[str, str], taken: dict[bool, str]
) -> None:
    """Stripe's token endpoint takes no restricted key."""
    settings = make_settings(**given)

    assert {m: settings.app_key(livemode=m).reveal() for m in (False, True)} == taken


def test_a_refusal_is_permanent_and_everything_else_is_not() -> None:
    """So a stop of Stripe's can't close an account."""
    assert issubclass(GrantRefused, PermanentError)
    assert not issubclass(TemporaryError, PermanentError)
