"""Does this request come from Stripe's dashboard, from a user of the account it names?

The dashboard signs user and account, not what is asked for: so an answer is only ever about that
account. Source: docs.stripe.com/stripe-apps/build-backend
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request

from webhooks.signature import BadSignature, verify

# Stripe's ids; whatever else stands there was never signed, and need not be compared.
ID = re.compile(r"[A-Za-z0-9_]{1,255}")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks: a user of Stripe's dashboard, and the account they are in."""

    user_id: str
    account: str


def read_visitor(request: Request, *, secrets: Sequence[bytes], now: float) -> Visitor:
    """Raises BadSignature, nothing else, whatever was sent. `now` is in unix seconds."""
    user_id = request.query_params.get("user_id", "")
    account = request.query_params.get("account_id", "")
    if not (ID.fullmatch(user_id) and ID.fullmatch(account) and account.startswith("acct_")):
        raise BadSignature("the query names no user and account of Stripe's")
    verify(signed_text(user_id, account), _header(request), secrets=secrets, now=now)
    return Visitor(user_id, account)


def signed_text(user_id: str, account: str) -> bytes:
    """What the dashboard signs, as its JavaScript writes it: in this order, without spaces."""
    named = {"user_id": user_id, "account_id": account}
    return json.dumps(named, separators=(",", ":")).encode()


def _header(request: Request) -> bytes | None:
    """As the bytes that came: a header may hold any."""
    for name, value in request.scope["headers"]:
        if name == b"stripe-signature":
            return bytes(value)
    return None
