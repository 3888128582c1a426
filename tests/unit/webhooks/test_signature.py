"""Whose signature is good, held against Stripe's own check."""

from __future__ import annotations

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from tests.deliveries import sign
from webhooks.signature import TOLERANCE_SECONDS, BadSignature, verify

NOW = 1_790_000_000
SECRETS = (b"whsec_new", b"whsec_old")
BODY = b'{"id":"evt_1"}'


def ours(body: bytes, header: str, *, now: float = NOW) -> bool:
    try:
        verify(body, header.encode(), secrets=SECRETS[:1], now=now)
    except BadSignature:
        return False
    return True


def theirs(body: bytes, header: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, header, "whsec_new", tolerance=None)
    except stripe.SignatureVerificationError:
        return False
    return True


good = st.builds(lambda at: sign(BODY, secret="whsec_new", at=at), st.just(NOW))
piece = st.sampled_from(
    ["t=1790000000", "t=5", "t=", "t", "v1", "v1=", "v1=00", "v0=00", "=", "v1=a=b", "x=y"]
)
headers = st.lists(st.one_of(good, piece), max_size=5).map(",".join)


@given(headers)
def test_a_header_is_good_for_us_exactly_when_it_is_good_for_stripe(header: str) -> None:
    """Same answer as stripe-python for every header of plain text and any order of its parts."""
    assert ours(BODY, header) == theirs(BODY, header)


@given(st.binary(max_size=200), st.binary(max_size=80))
def test_no_body_and_no_header_makes_the_check_fail_in_another_way(
    body: bytes, header: bytes
) -> None:
    """Bytes that are no text are refused like any other, where Stripe's own check raises."""
    with pytest.raises(BadSignature):
        verify(body, header, secrets=SECRETS, now=NOW)


@given(st.binary(max_size=200))
def test_any_bytes_that_were_signed_are_accepted(body: bytes) -> None:
    """The check is over raw bytes, whether they are text or not."""
    header = sign(body, secret="whsec_new", at=NOW).encode()

    assert verify(body, header, secrets=SECRETS, now=NOW) == 0


def test_while_a_secret_is_rotated_either_is_good_and_it_is_told_which() -> None:
    """Each secret has its place, from 0, in the order of the setting."""
    header = sign(BODY, secret="whsec_old", at=NOW).encode()

    assert verify(BODY, header, secrets=SECRETS, now=NOW) == 1


@pytest.mark.parametrize("age", [TOLERANCE_SECONDS, 0, -TOLERANCE_SECONDS])
def test_a_signature_is_good_for_five_minutes_either_way(age: int) -> None:
    """Clocks differ a little, so both edges are still good."""
    assert ours(BODY, sign(BODY, secret="whsec_new", at=NOW - age))


@pytest.mark.parametrize("age", [TOLERANCE_SECONDS + 1, -TOLERANCE_SECONDS - 1])
def test_too_old_or_from_the_future_is_refused(age: int) -> None:
    """Stripe's own check lets any future time pass; a stolen header would be good for years."""
    assert not ours(BODY, sign(BODY, secret="whsec_new", at=NOW - age))


def test_a_refusal_shows_no_secret_and_no_signature() -> None:
    """The reason goes into logs and answers, so it holds words only."""
    with pytest.raises(BadSignature) as refused:
        verify(BODY, b"t=1790000000,v1=abcdef", secrets=SECRETS, now=NOW)

    assert str(refused.value) == "no signing secret of ours made this signature"
