"""The `Stripe-Signature` header of a delivery. Source: docs.stripe.com/webhooks#verify-manually"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable


def signature(body: bytes, secrets: Iterable[str], timestamp: int) -> str:
    """`t=…,v1=…`, with one v1 for each secret, as while a secret is being rolled."""
    signed = f"{timestamp}.".encode() + body
    digests = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={timestamp}", *(f"v1={digest}" for digest in digests)])
