"""Who looks: what the dashboard signs, as bytes, and everything that it did not sign."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from console.app.signed import Visitor, read_visitor, signed_text
from tests.deliveries import sign
from webhooks.signature import TOLERANCE_SECONDS, BadSignature

OLD, NEW = "absec_old", "absec_new"
SECRETS = (OLD.encode(), NEW.encode())
NOW = 1_790_000_000.0
ADA = Visitor("usr_1", "acct_1")


def request(query: dict[str, str] | str, *headers: tuple[bytes, bytes]) -> Request:
    text = query if isinstance(query, str) else urlencode(query)
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": "/stripe/app/customer",
            "query_string": text.encode(),
            "headers": list(headers),
        }
    )


def asked_by(who: Visitor, signature: str | bytes, **more: str) -> Request:
    value = signature.encode() if isinstance(signature, str) else signature
    query = {"user_id": who.user_id, "account_id": who.account, **more}
    return request(query, (b"host", b"x"), (b"stripe-signature", value))


def signature(who: Visitor = ADA, *, secret: str = OLD, at: float = NOW) -> str:
    return sign(signed_text(who.user_id, who.account), secret=secret, at=at)


def visitor(asked: Request) -> Visitor:
    return read_visitor(asked, secrets=SECRETS, now=NOW)


def test_the_signed_text_is_what_the_dashboards_javascript_writes() -> None:
    """JSON.stringify: user first, no blank; one byte else and no signature holds."""
    assert signed_text("usr_1", "acct_1") == b'{"user_id":"usr_1","account_id":"acct_1"}'


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_each_of_the_secrets_lets_the_dashboard_in(secret: str) -> None:
    """While one replaces the other both are good."""
    assert visitor(asked_by(ADA, signature(secret=secret))) == ADA


def test_the_object_in_sight_is_not_signed_and_need_not_be() -> None:
    """The same signature serves any object: an answer is about the account that was signed."""
    good = signature()

    assert {visitor(asked_by(ADA, good, id=one, mode="live")) for one in ("cus_1", "sub_1")} == {
        ADA
    }


@pytest.mark.parametrize(
    ("late", "why"),
    [
        (-TOLERANCE_SECONDS, ""),
        (TOLERANCE_SECONDS, ""),
        (-TOLERANCE_SECONDS - 1, "too old"),
        (TOLERANCE_SECONDS + 1, "from the future"),
    ],
)
def test_a_signature_is_good_for_five_minutes_either_way(late: int, why: str) -> None:
    """To the second."""
    asked = asked_by(ADA, signature(at=NOW + late))

    if not why:
        assert visitor(asked) == ADA
        return
    with pytest.raises(BadSignature, match=why):
        visitor(asked)


@pytest.mark.parametrize(
    "who", [Visitor("usr_2", "acct_1"), Visitor("usr_1", "acct_2"), Visitor("usr_1", "acct_11")]
)
def test_a_signature_of_another_user_or_account_lets_nobody_in(who: Visitor) -> None:
    """Each name is part of what was signed."""
    with pytest.raises(BadSignature, match="no signing secret of ours"):
        visitor(asked_by(who, signature(ADA)))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "user_id=usr_1",
        "account_id=acct_1",
        "user_id=&account_id=acct_1",
        "user_id=usr_1&account_id=acct_1%22",
        "user_id=usr%2F1&account_id=acct_1",
        "user_id=usr_1&account_id=cus_1",
        "user_id=usr_1&account_id=acct_%F0%9F%98%80",
        f"user_id={'u' * 256}&account_id=acct_1",
        "user_id=usr_1%0A&account_id=acct_1",
    ],
)
def test_a_query_that_names_nobody_is_refused_before_anything_is_compared(query: str) -> None:
    """Ids of Stripe's are letters, digits and underscores."""
    asked = request(query, (b"stripe-signature", signature().encode()))

    with pytest.raises(BadSignature, match="names no user and account"):
        visitor(asked)


def test_an_id_as_long_as_stripe_gives_them_is_taken() -> None:
    """255 characters."""
    longest = Visitor("u" * 255, "acct_" + "1" * 250)

    assert visitor(asked_by(longest, signature(longest))) == longest


def test_without_the_header_nobody_is_let_in() -> None:
    """Another header that holds the same does not count."""
    query = {"user_id": ADA.user_id, "account_id": ADA.account}
    bare = request(query, (b"authorization", signature().encode()))

    with pytest.raises(BadSignature, match="header is missing"):
        visitor(bare)


def test_without_a_secret_in_the_settings_nobody_is_let_in() -> None:
    """A route that is not set up is closed, not open."""
    with pytest.raises(BadSignature):
        read_visitor(asked_by(ADA, signature()), secrets=(), now=NOW)


@given(header=st.binary(max_size=80))
@settings(max_examples=50)
def test_no_header_of_any_bytes_is_an_error_of_ours(header: bytes) -> None:
    """Only the one refusal, and no word of the secrets in it."""
    with pytest.raises(BadSignature) as refused:
        visitor(asked_by(ADA, header))

    assert "absec" not in str(refused.value)
