"""The signature of a delivery, held against Stripe's own check."""

from __future__ import annotations

import time

import pytest
import stripe as sdk
from hypothesis import given
from hypothesis import strategies as st

from simulator.signing import signature


@given(body=st.text(max_size=200), secret=st.text("abcXYZ019_", min_size=1, max_size=40))
def test_stripes_own_check_accepts_every_signature(body: str, secret: str) -> None:
    """Any body in any script, any secret."""
    header = signature(body.encode(), [secret], int(time.time()))

    assert sdk.WebhookSignature.verify_header(body, header, secret, 300)


def test_every_secret_signs() -> None:
    """As while one is being rolled."""
    header = signature(b"{}", ["old", "new"], int(time.time()))

    assert header.count("v1=") == 2
    for secret in ("old", "new"):
        assert sdk.WebhookSignature.verify_header("{}", header, secret, 300)


def test_a_changed_body_is_noticed() -> None:
    """Not a byte may differ."""
    header = signature(b"{}", ["secret"], int(time.time()))

    with pytest.raises(sdk.SignatureVerificationError):
        sdk.WebhookSignature.verify_header("{ }", header, "secret", 300)


def test_an_old_signature_is_noticed() -> None:
    """The time is signed along."""
    header = signature(b"{}", ["secret"], int(time.time()) - 301)

    with pytest.raises(sdk.SignatureVerificationError):
        sdk.WebhookSignature.verify_header("{}", header, "secret", 300)
