"""Is this body really from Stripe, and fresh? Nothing else is decided here.

By hand over the raw bytes: stripe-python's own check turns bytes into text first, and raises
UnicodeDecodeError or TypeError on what any stranger may send. A test holds the two together.
Source: docs.stripe.com/webhooks#verify-manually
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

TOLERANCE_SECONDS = 300  # Stripe's own default; here it holds for the future as well


class BadSignature(Exception):
    """The delivery is refused. The text says why and shows nothing of body, header or secret."""


def verify(
    body: bytes,
    header: bytes | None,
    *,
    secrets: Sequence[bytes],
    now: float,
    tolerance_seconds: int = TOLERANCE_SECONDS,
) -> int:
    """The place of the secret that signed `body`, from 0. Raises BadSignature, nothing else.

    `header` is the value of `Stripe-Signature`: `t=<unix seconds>,v1=<hex>[,v1=<hex>…]`.
    `now` is in unix seconds.
    """
    timestamp, signatures = _read(header)
    signed = timestamp + b"." + body
    for place, secret in enumerate(secrets):
        expected = hmac.digest(secret, signed, "sha256").hex().encode()
        for signature in signatures:
            if hmac.compare_digest(expected, signature):
                _check_age(int(timestamp), now, tolerance_seconds)
                return place
    raise BadSignature("no signing secret of ours made this signature")


def _read(header: bytes | None) -> tuple[bytes, list[bytes]]:
    if not header:
        raise BadSignature("the Stripe-Signature header is missing")
    items = [item.split(b"=", 2) for item in header.split(b",")]
    try:
        timestamp = [item[1] for item in items if item[0] == b"t"][0]  # noqa: RUF015
        signatures = [item[1] for item in items if item[0] == b"v1"]
    except IndexError:
        raise BadSignature("the Stripe-Signature header can't be read") from None
    # 15 digits reach far beyond any date, and keep a hostile number from costing time
    if not timestamp.isdigit() or len(timestamp) > 15 or not signatures:
        raise BadSignature("the Stripe-Signature header has no timestamp or no v1 signature")
    return timestamp, signatures


def _check_age(timestamp: int, now: float, tolerance_seconds: int) -> None:
    if timestamp < now - tolerance_seconds:
        raise BadSignature("the signature is too old")
    if timestamp > now + tolerance_seconds:
        raise BadSignature("the signature is from the future; is this machine's clock right?")
